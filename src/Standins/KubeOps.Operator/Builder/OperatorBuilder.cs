using System.Diagnostics;
using System.Diagnostics.Metrics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Crds;
using KubeOps.Operator.Events;
using KubeOps.Operator.Finalizer;
using KubeOps.Operator.LeaderElection;
using KubeOps.Operator.Logging;
using KubeOps.Operator.Metrics;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Retry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Operator.Builder;

/// <summary>Registers the parts of an operator with a host.</summary>
internal sealed class OperatorBuilder : IOperatorBuilder
{
    public OperatorBuilder(IServiceCollection services, OperatorSettings settings)
    {
        (Services, Settings) = (services, settings);
        RequireCovered(settings);
        AddCore();
        AddClient();
        AddEvents();
        if (settings.LeaderElectionType == LeaderElectionType.Single)
        {
            AddLeaderElection();
        }
    }

    public IServiceCollection Services { get; }

    public OperatorSettings Settings { get; }

    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        AddController<TImplementation, TEntity>(labelSelector: null, fieldSelector: null);

    public IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity> =>
        AddController<TImplementation, TEntity>(typeof(TLabelSelector), fieldSelector: null);

    public IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity> =>
        AddController<TImplementation, TEntity>(labelSelector: null, typeof(TFieldSelector));

    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        Services.TryAddKeyedTransient<IEntityFinalizer<TEntity>, TImplementation>(identifier);
        Services.AddSingleton(new FinalizerRegistration<TEntity>(identifier));
        Services.TryAddTransient<IEventFinalizerAttacherFactory, KubeOpsEventFinalizerAttacherFactory>();
        Services.TryAddTransient(services => services.GetRequiredService<IEventFinalizerAttacherFactory>()
            .Create<TImplementation, TEntity>(identifier));
        return this;
    }

    public IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null)
    {
        var settings = new CrdInstallerSettingsBuilder();
        configure?.Invoke(settings);
        Services.AddSingleton(settings.Build());
        Services.AddHostedService<CrdInstaller>();
        return this;
    }

    private static void RequireCovered(OperatorSettings settings)
    {
        if (settings.LeaderElectionType is LeaderElectionType.Custom or LeaderElectionType.Scoped)
        {
            throw new NotSupportedException(
                $"LeaderElectionType is {settings.LeaderElectionType}; this stand-in knows None and Single.");
        }

        if (settings.QueueStrategy != QueueStrategy.InMemory)
        {
            throw new NotSupportedException(
                $"QueueStrategy is {settings.QueueStrategy}; this stand-in knows InMemory.");
        }
    }

    /// <summary>
    /// The way into a kind's queue. During a visit of that kind it leads to the queue of the visit; elsewhere, as in the
    /// controller of a child, to the only queue of the kind.
    /// </summary>
    private static EntityQueue<TEntity> QueueOf<TEntity>(IServiceProvider services)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        (entity, type, source, queueIn, retryCount, cancellationToken) =>
            (ActiveQueue<TEntity>(services) ?? OnlyQueue<TEntity>(services))
                .Enqueue(entity, type, source, queueIn, retryCount, cancellationToken);

    private static ITimedEntityQueue<TEntity>? ActiveQueue<TEntity>(IServiceProvider services)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return services.GetService<ActivePipelineQueue<TEntity>>()?.Current;
        }
        catch (InvalidOperationException)
        {
            // A provider that checks scopes has none here, so there is no visit.
            return null;
        }
    }

    private static ITimedEntityQueue<TEntity> OnlyQueue<TEntity>(IServiceProvider services)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var pipelines = services.GetServices<ControllerPipeline<TEntity>>().ToList();
        return pipelines.Count == 1
            ? pipelines[0].Queue(services)
            : throw new InvalidOperationException(
                $"{typeof(TEntity).Name} has {pipelines.Count} controllers, so there is not one queue of it. "
                + "Take the EntityQueue from the scope of one of its controllers.");
    }

    private OperatorBuilder AddController<TImplementation, TEntity>(Type? labelSelector, Type? fieldSelector)
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var pipeline = new ControllerPipeline<TEntity>(typeof(TImplementation), labelSelector, fieldSelector);
        if (Services.Any(known => known.ImplementationInstance is ControllerPipeline<TEntity> other
            && (other.Controller, other.LabelSelector, other.FieldSelector)
                == (pipeline.Controller, pipeline.LabelSelector, pipeline.FieldSelector)))
        {
            throw new InvalidOperationException(
                $"{typeof(TImplementation).Name} is registered for {typeof(TEntity).Name} with the same selector already.");
        }

        Services.AddScoped<TImplementation>();
        Services.TryAddScoped<IEntityController<TEntity>, TImplementation>();
        AddSelector<IEntityLabelSelector<TEntity>>(labelSelector);
        AddSelector<IEntityFieldSelector<TEntity>>(fieldSelector);
        Services.AddSingleton(pipeline);
        Services.TryAddScoped<ActivePipelineQueue<TEntity>>();
        Services.TryAddTransient(QueueOf<TEntity>);
        Services.TryAddSingleton<EntityReconcileCoordinator<TEntity>>();
        Services.TryAddSingleton<EntityLoggingScopes<TEntity>>();

        // AddHostedService takes a class once only, but a kind may have several controllers.
        Services.AddSingleton<IHostedService>(pipeline.Service);
        return this;
    }

    private void AddSelector<TSelector>(Type? type)
        where TSelector : class
    {
        if (type is not null)
        {
            Services.TryAddSingleton(type);
            Services.TryAddSingleton(services => (TSelector)services.GetRequiredService(type));
        }
    }

    private void AddCore()
    {
        Services.AddSingleton(Settings);
        Services.AddSingleton(new ActivitySource(Settings.Name));
        Services.TryAddSingleton(Backoff.Default);
        if (Settings.EnableMetrics)
        {
            Services.AddMetrics();
            Services.AddSingleton(services =>
                new OperatorMetrics(services.GetRequiredService<IMeterFactory>(), Settings.Name));
        }

        Services.AddSingleton(typeof(IEntityLabelSelector<>), typeof(DefaultEntityLabelSelector<>));
        Services.AddSingleton(typeof(IEntityFieldSelector<>), typeof(DefaultEntityFieldSelector<>));
        Services.TryAddSingleton<ICrdResourceFactory, KubeOpsCrdResourceFactory>();
    }

    private void AddClient()
    {
        Services.TryAddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        Services.TryAddSingleton<IKubernetes>(services =>
            new Kubernetes(services.GetRequiredService<KubernetesClientConfiguration>()));
        Services.TryAddSingleton<IKubernetesClient, KubernetesClient.KubernetesClient>();
    }

    private void AddEvents()
    {
        Services.TryAddSingleton<IEventResourceFactory, KubeOpsEventResourceFactory>();
        Services.TryAddTransient<IEventPublisherFactory, KubeOpsEventPublisherFactory>();
        Services.TryAddTransient(services => services.GetRequiredService<IEventPublisherFactory>().Create());
    }

    private void AddLeaderElection()
    {
        Services.TryAddSingleton<OperatorLease>();
        Services.TryAddSingleton<ILeaderElectorFactory, KubernetesLeaderElectorFactory>();
        Services.TryAddSingleton(services => services.GetRequiredService<ILeaderElectorFactory>().CreateElector());
        Services.TryAddSingleton<Leadership>();
        Services.AddHostedService<LeaderElectionService>();
    }
}
