using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Skills;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Traffic;
using k8s;
using k8s.LeaderElection;
using KubeOps.Abstractions.Builder;
using KubeOps.Operator;

namespace DyLoraMoe.Operator.Hosting;

/// <summary>Puts the process together.</summary>
internal static class OperatorHost
{
    public static WebApplication Build(OperatorOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(options.MetricsPort));
        builder.Logging.ClearProviders().AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });

        // A line for every visit says nothing that metrics and conditions do not.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("KubeOps", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        builder.Services.AddProcess(options);
        builder.Services.AddTracing();

        // Before the controllers: their first visits read from these caches.
        builder.Services.AddHostedService<WakeUps>();
        builder.Services
            .AddKubernetesOperator(settings => settings
                .WithName("dylora-operator")
                .WithNamespace(options.Namespace)
                .WithLeaderElection(options.LeaderElection ? LeaderElectionType.Single : LeaderElectionType.None)

                // A leader that is killed has renewed at most two seconds before: another acts within 12 s and the time it takes to list.
                .WithLeaderElectionTimings(leaseDuration: TimeSpan.FromSeconds(10), renewDeadline: TimeSpan.FromSeconds(7), retryPeriod: TimeSpan.FromSeconds(2))
                .WithAutoAttachFinalizers(false)
                .WithAutoDetachFinalizers(false)
                .WithReconcileStrategy(ReconcileStrategy.ByGeneration)
                .WithParallelReconciliation(parallel =>
                {
                    parallel.MaxParallelReconciliations = options.Parallel;
                    parallel.ConflictStrategy = ParallelReconciliationConflictStrategy.WaitForCompletion;
                }))
            .AddController<BackboneController, Backbone>()
            .AddController<SkillController, Skill>()
            .AddController<ExpertController, LoraExpert>()
            .AddController<ConsolidationController, Consolidation>()
            .AddController<GrowthController, Growth>()
            .AddFinalizer<BackboneController, Backbone>(Finalizers.Backbone)
            .AddFinalizer<SkillController, Skill>(Finalizers.Skill)
            .AddFinalizer<ExpertController, LoraExpert>(Finalizers.Expert)
            .AddFinalizer<ConsolidationController, Consolidation>(Finalizers.Consolidation)
            .AddFinalizer<GrowthController, Growth>(Finalizers.Growth);

        builder.Services.AddHostedService<TrafficRounds>();

        var app = builder.Build();
        var page = app.Services.GetRequiredService<PrometheusPage>();
        var cluster = app.Services.GetRequiredService<KubernetesCluster>();

        // Plain delegates: what reads a lambda's parameters from its request compiles expressions, with megabytes of library.
        app.MapGet("/metrics", http => AnswerAsync(http, StatusCodes.Status200OK, page.Write(), PrometheusPage.ContentType));
        app.MapGet("/healthz", http => AnswerAsync(http, StatusCodes.Status200OK, "ok"));
        app.MapGet("/readyz", http => cluster.HasSynced
            ? AnswerAsync(http, StatusCodes.Status200OK, "ok")
            : AnswerAsync(http, StatusCodes.Status503ServiceUnavailable, "caches are not filled yet"));
        app.Services.GetRequiredService<WorldGauges>().Register();
        app.Services.GetRequiredService<OperatorMetrics>().Begin();
        return app;
    }

    private static Task AnswerAsync(HttpContext http, int status, string text, string contentType = "text/plain; charset=utf-8")
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync(text);
    }

    private static void AddProcess(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new Random(Environment.ProcessId));
        services.AddMetrics();
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton<PrometheusPage>();
        services.AddSingleton<WorldGauges>();

        // Before KubeOps registers its own, which would be the same but for what it does when nobody answers about the lease.
        services.AddSingleton<IKubernetes>(provider => new Kubernetes(provider.GetRequiredService<KubernetesClientConfiguration>(), new LeaseCalls()));
        services.AddSingleton<KubernetesRest>();
        services.AddSingleton<KubernetesCluster>();
        services.AddSingleton<ICluster>(provider => provider.GetRequiredService<KubernetesCluster>());
        services.AddSingleton<Children>();
        services.AddSingleton<JobSlots>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<TrafficShares>();
        services.AddSingleton(provider => new RouterPages(RouterPages.Network(), provider.GetRequiredService<ILogger<RouterPages>>()));
        services.AddSingleton<TrafficReader>();
        services.AddSingleton<SkillProposals>();
        services.AddSingleton<FailureCounts>();
        services.AddSingleton<Appointments>();
        services.AddSingleton(provider => new Resync(options.Resync, provider.GetRequiredService<Random>()));
        services.AddSingleton(provider => new Leadership(provider.GetService<LeaderElector>()));
        services.AddSingleton<IVisitQueue, VisitQueue>();
        services.AddSingleton<VisitTools>();
    }
}
