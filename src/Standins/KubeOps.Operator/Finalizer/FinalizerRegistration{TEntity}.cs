using k8s;
using k8s.Models;

namespace KubeOps.Operator.Finalizer;

/// <summary>A finalizer of a kind was registered under this name.</summary>
internal sealed record FinalizerRegistration<TEntity>(string Identifier)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
