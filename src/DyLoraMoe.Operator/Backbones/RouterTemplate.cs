using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Deployment, Service, disruption budget and autoscaler of a set: pure functions of Backbone, set and process options.</summary>
internal static class RouterTemplate
{
    public const int Port = 8080;

    /// <summary>The component that router pods are labelled as.</summary>
    public const string Component = Container;

    private const string Container = "router";

    // Seconds that a request may take, unless pods are given more to end in.
    private const int UsualRequestSeconds = 300;

    // Seconds until every proxy knows that a pod ends, and those that connections may stay open after that; together they leave a request its time.
    private const int UsualDrainSeconds = 15;
    private const int MostLingerSeconds = 10;
    private const int LeastLingerSeconds = 4;

    /// <summary>Labels that select the router's pods; never another, for a selector is immutable.</summary>
    public static Dictionary<string, string> Selector(string backbone) => new(StringComparer.Ordinal)
    {
        [Labels.Backbone] = backbone,
        [Labels.Component] = Container,
    };

    public static V1Deployment Deployment(BackboneScope scope, KnownSet set, OperatorOptions options)
    {
        var serving = scope.Backbone.Spec.Serving;
        return new()
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = Children.Metadata(scope, ChildNames.Router(scope.Name), Container),
            Spec = new()
            {
                Replicas = serving.Autoscaling is null ? serving.Replicas : null,
                Selector = new() { MatchLabels = Selector(scope.Name) },
                MinReadySeconds = serving.MinReadySeconds,
                RevisionHistoryLimit = 2,
                ProgressDeadlineSeconds = options.ProgressDeadlineSeconds + serving.MinReadySeconds,
                Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = serving.MaxSurge, MaxUnavailable = serving.MaxUnavailable } },
                Template = new()
                {
                    Metadata = new()
                    {
                        Labels = CommonLabels.With(serving.PodLabels, CommonLabels.Of(scope.Name, Container)),
                        Annotations = CommonLabels.With(serving.PodAnnotations, new() { [Annotations.Revision] = set.Revision }),
                    },
                    Spec = Pod(scope, set, options),
                },
            },
        };
    }

    /// <summary>Whether its pods say how Prometheus finds them, or that it shall not.</summary>
    public static bool IsScraped(V1Deployment deployment) => deployment.Spec?.Template?.Metadata?.Annotations?.ContainsKey("prometheus.io/scrape") == true;

    /// <summary>Tells Prometheus how to find the pods, where the Backbone says nothing of it.</summary>
    public static void AddScraping(V1Deployment deployment)
    {
        var notes = deployment.Spec.Template.Metadata.Annotations;
        notes.TryAdd("prometheus.io/scrape", "true");
        notes.TryAdd("prometheus.io/port", Text(Port));
        notes.TryAdd("prometheus.io/path", "/metrics");
    }

    public static V1Service Service(BackboneScope scope) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Children.Metadata(scope, ChildNames.Router(scope.Name), Container),
        Spec = new()
        {
            Selector = Selector(scope.Name),
            Ports = [new() { Name = "http", Port = Port, TargetPort = "http", Protocol = "TCP", AppProtocol = "http" }],
        },
    };

    public static V1PodDisruptionBudget Budget(BackboneScope scope) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = Children.Metadata(scope, ChildNames.Router(scope.Name), Container),
        Spec = new() { MaxUnavailable = 1, Selector = new() { MatchLabels = Selector(scope.Name) } },
    };

    public static V2HorizontalPodAutoscaler Autoscaler(BackboneScope scope)
    {
        var scaling = scope.Backbone.Spec.Serving.Autoscaling!;
        return new()
        {
            ApiVersion = "autoscaling/v2",
            Kind = "HorizontalPodAutoscaler",
            Metadata = Children.Metadata(scope, ChildNames.Router(scope.Name), Container),
            Spec = new()
            {
                ScaleTargetRef = new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = ChildNames.Router(scope.Name) },
                MinReplicas = scaling.MinReplicas,
                MaxReplicas = scaling.MaxReplicas,
                Metrics = [new() { Type = "Resource", Resource = new() { Name = "cpu", Target = new() { Type = "Utilization", AverageUtilization = scaling.TargetCPUUtilizationPercentage } } }],
            },
        };
    }

    /// <summary>Address of the API inside the cluster.</summary>
    public static string Endpoint(BackboneScope scope) =>
        string.Create(CultureInfo.InvariantCulture, $"http://{ChildNames.Router(scope.Name)}.{scope.Namespace}.svc:{Port}/v1");

    private static V1PodSpec Pod(BackboneScope scope, KnownSet set, OperatorOptions options)
    {
        var (spec, serving) = (scope.Backbone.Spec, scope.Backbone.Spec.Serving);
        var volumes = new PodVolumes();
        var folder = volumes.AddConfigMap("set", ChildNames.Set(scope.Name, set.Revision), "/dylora/set");
        var store = volumes.AddStore(spec.Store, isReadOnly: true);
        var weights = volumes.AddBackbone(spec.Source);
        volumes.AddScratch("tmp", "/tmp");
        List<string> arguments =
        [
            "--set", $"{folder}/{SetRevision.FileName}", "--store", store, "--backbone", weights, "--address", "$(POD_IP)", "--port", Text(Port),
        ];
        arguments.AddRange(volumes.AddCache(options.CacheSize));
        arguments.AddRange(Accelerator.Arguments(serving.Resources));
        arguments.AddRange(Stopping(serving));
        arguments.AddRange(Limits(serving.Limits));
        if (serving.ApiKeysSecretRef is { } keys)
        {
            arguments.AddRange(["--api-keys", volumes.AddSecret("api-keys", keys, "/dylora/api-keys")]);
        }

        if (serving.Feedback is { } feedback)
        {
            arguments.AddRange(["--feedback", volumes.AddFolder("feedback", feedback.PersistentVolumeClaim, "/dylora/feedback", isReadOnly: false)]);
            arguments.AddRange(["--feedback-mib", Text(feedback.MaxMebibytes), "--feedback-days", Text(feedback.RetentionDays)]);
        }

        if (serving.Memory is { } memory)
        {
            arguments.AddRange(["--memory", volumes.AddFolder("memory", memory.PersistentVolumeClaim, "/dylora/memory", isReadOnly: false)]);
            arguments.AddRange(["--memory-mib", Text(memory.MaxMebibytes), "--memory-episodes", Text(memory.MaxEpisodes), "--memory-days", Text(memory.RetentionDays)]);
            arguments.AddRange(["--memory-shots", Text(memory.MaxShots), "--memory-tokens", Text(memory.MaxTokens)]);
        }

        if (serving.LogPrompts)
        {
            arguments.Add("--log-prompts");
        }

        if (spec.Novelty.Proposals is not null)
        {
            arguments.Add("--keep-novel-prompts");
        }

        return new()
        {
            ServiceAccountName = serving.ServiceAccountName ?? ChildNames.Router(scope.Name),
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds = serving.TerminationGracePeriodSeconds,
            SecurityContext = Restricted.Pod(),
            NodeSelector = Platform.Selector(serving.NodeSelector),
            Tolerations = serving.Tolerations,
            Affinity = serving.Affinity,
            PriorityClassName = serving.PriorityClassName,
            RuntimeClassName = serving.RuntimeClassName,
            ImagePullSecrets = serving.ImagePullSecrets?.Select(secret => new V1LocalObjectReference { Name = secret.Name }).ToList(),
            Volumes = volumes.Volumes,
            Containers =
            [
                new()
                {
                    Name = Container,
                    Image = serving.Image ?? options.RuntimeImage,
                    ImagePullPolicy = serving.ImagePullPolicy,
                    Command = ["dylora-router"],
                    Args = arguments,
                    Env =
                    [
                        new() { Name = "POD_IP", ValueFrom = new() { FieldRef = new() { FieldPath = "status.podIP" } } },
                        new() { Name = "HOME", Value = "/tmp" },
                        .. volumes.Environment,
                        .. options.Collector.Select(variable => new V1EnvVar { Name = variable.Key, Value = variable.Value }),
                    ],
                    Ports = [new() { Name = "http", ContainerPort = Port, Protocol = "TCP" }],
                    Resources = serving.Resources,
                    SecurityContext = Restricted.Container(),

                    // Weights are read before the first request is taken, which may be long; a pod is alive once it listens.
                    StartupProbe = Probe("/healthz", 2, 300),
                    LivenessProbe = Probe("/healthz", 10, 6),
                    ReadinessProbe = Probe("/readyz", 1, 3),
                    VolumeMounts = volumes.Mounts,
                },
            ],
        };
    }

    private static IEnumerable<string> Limits(ServingLimits limits)
    {
        (string Option, int? Limit)[] all =
        [
            ("--max-batch", limits.MaxBatchSize),
            ("--max-context", limits.MaxContext),
            ("--cache-mib", Mebibytes(limits.CacheMemory)),
            ("--prefix-mib", Mebibytes(limits.PrefixCacheMemory)),
            ("--expert-mib", Mebibytes(limits.ExpertMemory)),
            ("--expert-host-mib", Mebibytes(limits.ExpertHostMemory)),
            ("--max-queue", limits.MaxQueueSize),
            ("--prefill-chunk", limits.PrefillChunkTokens),
            ("--max-body-kib", limits.MaxBodyKibibytes),
        ];
        return all.SelectMany(each => each.Limit is { } limit ? new[] { each.Option, Text(limit) } : []);

        static int? Mebibytes(string? size) => size is null ? null : (int)(new ResourceQuantity(size).ToDecimal() / (1 << 20));
    }

    /// <summary>
    /// How a router spends the time between SIGTERM and SIGKILL: it takes requests until every proxy knows, waits for kept connections, and has what remains,
    /// less a second to end in, for the requests that run. No request may take longer, unless that is less than is usual
    /// or the Backbone says what one may take. Connections are kept through both of the first, so that a long one leaves less to the other.
    /// </summary>
    private static string[] Stopping(ServingTemplate serving)
    {
        var seconds = serving.TerminationGracePeriodSeconds;
        var drain = serving.DrainSeconds ?? Math.Min(UsualDrainSeconds, seconds / 10);
        var linger = Math.Min(Math.Min(MostLingerSeconds, seconds / 6), Math.Max(LeastLingerSeconds, UsualDrainSeconds + LeastLingerSeconds - drain));
        linger = Math.Clamp(seconds - drain - 1, 0, linger);
        var grace = Math.Max(0, seconds - drain - linger - 1);
        var request = serving.Limits.RequestTimeoutSeconds ?? Math.Max(UsualRequestSeconds, grace);
        return ["--drain-seconds", Text(drain), "--linger-seconds", Text(linger), "--grace-seconds", Text(grace), "--request-seconds", Text(request)];
    }

    private static V1Probe Probe(string path, int period, int failures) => new()
    {
        HttpGet = new() { Path = path, Port = "http" },
        PeriodSeconds = period,
        FailureThreshold = failures,
        TimeoutSeconds = 5,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
