using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Finalizer;
using KubeOps.Operator.Metrics;
using KubeOps.Operator.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Reconciliation;

/// <summary>One visit of one object, in a scope of services of its own.</summary>
internal sealed class Reconciler<TEntity>(
    IServiceProvider services,
    OperatorSettings settings,
    ITimedEntityQueue<TEntity> queue,
    Type controllerType,
    IKubernetesClient client,
    IEnumerable<FinalizerRegistration<TEntity>> finalizers,
    ILogger<Reconciler<TEntity>> logger,
    OperatorMetrics? metrics = null) : IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    public async Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext,
        CancellationToken cancellationToken)
    {
        var entity = reconciliationContext.Entity;
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ActivePipelineQueue<TEntity>>().Current = queue;
        var result = reconciliationContext.EventType == ReconciliationType.Deleted
            ? await Controller(scope).DeletedAsync(entity, cancellationToken)
            : entity.Metadata.DeletionTimestamp is null
                ? await ReconcileAsync(entity, scope, cancellationToken)
                : await FinalizeAsync(entity, scope, cancellationToken);
        if (result.RequeueAfter is { } delay
            && await queue.Enqueue(
                result.Entity,
                reconciliationContext.EventType,
                ReconciliationTriggerSource.Operator,
                delay,
                retryCount: 0,
                cancellationToken))
        {
            metrics?.RecordRequeue(typeof(TEntity).Name, "operator_requeue");
        }

        return result;
    }

    private async Task<ReconciliationResult<TEntity>> ReconcileAsync(
        TEntity entity,
        AsyncServiceScope scope,
        CancellationToken cancellationToken)
    {
        if (settings.AutoAttachFinalizers)
        {
            var isChanged = false;
            foreach (var finalizer in finalizers)
            {
                isChanged |= entity.AddFinalizer(finalizer.Identifier);
            }

            if (isChanged)
            {
                entity = await client.UpdateAsync(entity, cancellationToken);
            }
        }

        return await Controller(scope).ReconcileAsync(entity, cancellationToken);
    }

    private async Task<ReconciliationResult<TEntity>> FinalizeAsync(
        TEntity entity,
        AsyncServiceScope scope,
        CancellationToken cancellationToken)
    {
        // One at a time, in the order in which they stand: what comes after another operator's waits for that.
        var identifier = entity.Finalizers()?.FirstOrDefault();
        if (identifier is null || finalizers.All(known => known.Identifier != identifier))
        {
            Log.NoFinalizer(logger, typeof(TEntity).Name, queue.GetKey(entity)!);
            return ReconciliationResult<TEntity>.Success(entity);
        }

        var finalizer = scope.ServiceProvider.GetRequiredKeyedService<IEntityFinalizer<TEntity>>(identifier);
        var result = await finalizer.FinalizeAsync(entity, cancellationToken);
        if (!result.IsSuccess)
        {
            return result;
        }

        entity = result.Entity;
        if (settings.AutoDetachFinalizers && entity.RemoveFinalizer(identifier))
        {
            // The finalizer's work is done, so its end is written even while the operator stops.
            entity = await client.UpdateAsync(entity, CancellationToken.None);
        }

        Log.Finalized(logger, typeof(TEntity).Name, queue.GetKey(entity)!, identifier);
        return ReconciliationResult<TEntity>.Success(entity, result.RequeueAfter);
    }

    private IEntityController<TEntity> Controller(AsyncServiceScope scope) =>
        (IEntityController<TEntity>)scope.ServiceProvider.GetRequiredService(controllerType);
}
