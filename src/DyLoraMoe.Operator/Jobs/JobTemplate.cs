using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>The Job of a request: a pure function of Backbone, request and process options.</summary>
internal static class JobTemplate
{
    /// <summary>Name of the container, which the pod failure policy refers to.</summary>
    public const string Container = "job";

    private static readonly TimeSpan _grace = TimeSpan.FromMinutes(2);

    public static V1Job Build(JobPlan plan, string name, OperatorOptions options)
    {
        var training = plan.Backbone.Spec.Training;
        var labels = LabelsOf(plan);
        var hasQueue = training.QueueName is not null;
        if (hasQueue)
        {
            labels[Labels.KueueQueue] = training.QueueName!;
        }

        return new()
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = plan.Subject.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [Annotations.InputHash] = plan.Inputs },
                OwnerReferences = [Owner.Of(plan.Subject)],
            },
            Spec = new()
            {
                BackoffLimit = training.BackoffLimit,
                ActiveDeadlineSeconds = training.ActiveDeadlineSeconds,
                Suspend = hasQueue ? true : null,
                PodFailurePolicy = FailurePolicy(),
                Template = new()
                {
                    Metadata = new()
                    {
                        Labels = CommonLabels.With(training.PodLabels, LabelsOf(plan)),
                        Annotations = training.PodAnnotations is { Count: > 0 } notes ? CommonLabels.With(notes, []) : null,
                    },
                    Spec = Pod(plan, name, options),
                },
            },
        };
    }

    /// <summary>Labels of everything that is made for a plan.</summary>
    public static Dictionary<string, string> LabelsOf(JobPlan plan)
    {
        var labels = CommonLabels.Of(plan.Backbone.Metadata.Name, "job");
        labels[Labels.JobKind] = plan.Kind.ToString();
        switch (plan.Subject)
        {
            case Skill skill:
                labels[Labels.Skill] = skill.Metadata.Name;
                break;
            case LoraExpert expert:
                labels[Labels.Expert] = expert.Metadata.Name;
                break;
            case Consolidation consolidation:
                labels[Labels.Consolidation] = consolidation.Metadata.Name;
                break;
            case Growth growth:
                labels[Labels.Growth] = growth.Metadata.Name;
                break;
        }

        return labels;
    }

    // Disruptions and interruptions are nobody's fault and cost no try; a wrong input fails alike every time.
    private static V1PodFailurePolicy FailurePolicy() => new()
    {
        Rules =
        [
            new()
            {
                Action = "FailJob",
                OnExitCodes = new() { ContainerName = Container, OperatorProperty = "In", Values = [JobExitCode.InvalidInput] },
            },
            new()
            {
                Action = "Ignore",
                OnExitCodes = new() { ContainerName = Container, OperatorProperty = "In", Values = [JobExitCode.Interrupted] },
            },
            new()
            {
                Action = "Ignore",
                OnPodConditions = [new() { Type = "DisruptionTarget", Status = "True" }],
            },
        ],
    };

    private static V1PodSpec Pod(JobPlan plan, string name, OperatorOptions options)
    {
        var backbone = plan.Backbone;
        var training = backbone.Spec.Training;
        var volumes = new PodVolumes();
        volumes.AddConfigMap("request", name, "/dylora/request");
        var store = volumes.AddStore(backbone.Spec.Store, isReadOnly: false);
        var weights = volumes.AddBackbone(backbone.Spec.Source);
        volumes.AddScratch("work", "/dylora/work");
        volumes.AddScratch("tmp", "/tmp");
        List<string> arguments =
        [
            "job",
            "--name", name,
            "--request", $"/dylora/request/{RequestStore.FileName}",
            "--store", store,
            "--backbone", weights,
        ];
        if (plan.Data is { } data)
        {
            arguments.AddRange(["--data", data.S3 is { } s3 ? volumes.AddBucket("data", s3)
                : data.ConfigMap is { } map
                ? volumes.AddConfigMap("data", map, "/dylora/data") + "/" + data.Path
                : volumes.AddInput("data", new() { ClaimName = data.Claim!, Path = data.Path }, "/dylora/data")]);
        }

        arguments.AddRange(volumes.AddCache(options.CacheSize));
        arguments.AddRange(Accelerator.Arguments(training.Resources));
        arguments.AddRange(["--work", "/dylora/work", "--termination-message", "/dev/termination-log"]);
        var reports = plan.Kind is JobKind.Train or JobKind.Consolidate or JobKind.Import;
        return new()
        {
            RestartPolicy = "Never",
            ServiceAccountName = training.ServiceAccountName ?? ChildNames.Trainer(backbone.Metadata.Name),
            AutomountServiceAccountToken = reports,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds = (long)_grace.TotalSeconds,
            SecurityContext = Restricted.Pod(),
            NodeSelector = Platform.Selector(training.NodeSelector),
            Tolerations = training.Tolerations,
            Affinity = training.Affinity,
            PriorityClassName = training.PriorityClassName,
            RuntimeClassName = training.RuntimeClassName,
            ImagePullSecrets = training.ImagePullSecrets?.Select(secret => new V1LocalObjectReference { Name = secret.Name }).ToList(),
            Volumes = volumes.Volumes,
            Containers =
            [
                new()
                {
                    Name = Container,
                    Image = training.Image ?? options.RuntimeImage,
                    ImagePullPolicy = training.ImagePullPolicy,
                    Command = ["dylora"],
                    Args = arguments,
                    Env =
                    [
                        new() { Name = "HOME", Value = "/dylora/work" },
                        new() { Name = "DYLORA_NAMESPACE", Value = plan.Subject.Metadata.NamespaceProperty },
                        .. volumes.Environment,
                        .. plan.Environment,
                    ],
                    Resources = training.Resources,
                    SecurityContext = Restricted.Container(),
                    TerminationMessagePath = "/dev/termination-log",
                    TerminationMessagePolicy = "File",
                    VolumeMounts = volumes.Mounts,
                },
            ],
        };
    }

    /// <summary>A number, as labels and annotations want it.</summary>
    internal static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
