using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>Something that happened to an object.</summary>
/// <param name="About">The object.</param>
/// <param name="IsWarning">Whether a person should look.</param>
/// <param name="Reason">The condition's reason.</param>
/// <param name="Message">One sentence.</param>
internal sealed record ObservedEvent(IKubernetesObject<V1ObjectMeta> About, bool IsWarning, string Reason, string Message);
