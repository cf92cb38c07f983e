using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Reconciliation;
using KubeOps.Operator.Watcher;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator.Builder;

/// <summary>A controller with its watch and its queue.</summary>
internal sealed record ControllerPipeline<TEntity>(Type Controller, Type? LabelSelector, Type? FieldSelector)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _lock = new();
    private ITimedEntityQueue<TEntity>? _queue;

    public ITimedEntityQueue<TEntity> Queue(IServiceProvider services)
    {
        lock (_lock)
        {
            return _queue ??= ActivatorUtilities.CreateInstance<TimedEntityQueue<TEntity>>(services);
        }
    }

    public ControllerService<TEntity> Service(IServiceProvider services)
    {
        var queue = Queue(services);
        var reconciler = ActivatorUtilities.CreateInstance<Reconciler<TEntity>>(services, queue, Controller);
        var consumer = ActivatorUtilities.CreateInstance<EntityQueueConsumer<TEntity>>(services, queue, reconciler);
        var watcher = ActivatorUtilities.CreateInstance<ResourceWatcher<TEntity>>(
            services,
            queue,
            Selector<IEntityLabelSelector<TEntity>>(services, LabelSelector),
            Selector<IEntityFieldSelector<TEntity>>(services, FieldSelector));
        return ActivatorUtilities.CreateInstance<ControllerService<TEntity>>(services, queue, consumer, watcher);
    }

    private static TSelector Selector<TSelector>(IServiceProvider services, Type? type)
        where TSelector : notnull =>
        type is null ? services.GetRequiredService<TSelector>() : (TSelector)services.GetRequiredService(type);
}
