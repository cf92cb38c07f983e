using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>A queue that only remembers.</summary>
internal sealed class ListedVisits : IVisitQueue
{
    public List<IKubernetesObject<V1ObjectMeta>> All { get; } = [];

    public void Add<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta> => All.Add(entity);
}
