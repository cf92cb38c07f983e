using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How jobs run: their pods, their limits, and what they do by default.</summary>
public sealed record TrainingTemplate
{
    /// <summary>Image of the jobs. The operator's own default when it is left out.</summary>
    [Length(1, 512)]
    public string? Image { get; set; }

    /// <summary>When a node pulls the image.</summary>
    [EnumValues(ImagePullPolicies.Always, ImagePullPolicies.IfNotPresent, ImagePullPolicies.Never)]
    public string? ImagePullPolicy { get; set; }

    /// <summary>Secrets for pulling the image.</summary>
    [Items(0, 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<LocalReference>? ImagePullSecrets { get; set; }

    /// <summary>What a job's container asks for and may have, such as nvidia.com/gpu.</summary>
    public V1ResourceRequirements? Resources { get; set; }

    /// <summary>Labels that a node must have, besides kubernetes.io/os linux and the operator's own kubernetes.io/arch, unless those are named here.</summary>
    [PropertyLimits(0, 64)]
    [Each(PodMetadata.LabelLength, Patterns.LabelValue)]
    [ValidationRule(PodMetadata.LabelKeys, message: PodMetadata.LabelKeysMessage)]
    public IDictionary<string, string>? NodeSelector { get; set; }

    /// <summary>Taints that the pods put up with.</summary>
    [Items(0, 64)]
    public IList<V1Toleration>? Tolerations { get; set; }

    /// <summary>Rules for which nodes are preferred, as in a pod.</summary>
    public V1Affinity? Affinity { get; set; }

    /// <summary>Annotations of the pods. A job that runs keeps those that it began with.</summary>
    [PropertyLimits(0, PodMetadata.Entries)]
    [Each(PodMetadata.AnnotationLength)]
    [ValidationRule(PodMetadata.Rule, message: PodMetadata.Message)]
    [ValidationRule(PodMetadata.AnnotationKeys, message: PodMetadata.AnnotationKeysMessage)]
    public IDictionary<string, string>? PodAnnotations { get; set; }

    /// <summary>Labels of the pods, beside the operator's own. A job that runs keeps those that it began with.</summary>
    [PropertyLimits(0, PodMetadata.Entries)]
    [Each(PodMetadata.LabelLength, Patterns.LabelValue)]
    [ValidationRule(PodMetadata.Rule, message: PodMetadata.Message)]
    [ValidationRule(PodMetadata.LabelKeys, message: PodMetadata.LabelKeysMessage)]
    public IDictionary<string, string>? PodLabels { get; set; }

    /// <summary>Priority class of the pods.</summary>
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string? PriorityClassName { get; set; }

    /// <summary>Runtime class of the pods.</summary>
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string? RuntimeClassName { get; set; }

    /// <summary>Kueue's LocalQueue that jobs are submitted to. Without one jobs start at once.</summary>
    [Length(1, 63)]
    [Pattern(Patterns.ObjectName)]
    public string? QueueName { get; set; }

    /// <summary>Service account of the jobs. One that may only report progress, made by the operator, when it is left out.</summary>
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string? ServiceAccountName { get; set; }

    /// <summary>How often a job that fails is tried again. Disruptions, such as a drained node, do not count.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    [DefaultValue(3)]
    public int BackoffLimit { get; set; } = 3;

    /// <summary>Most seconds that a job may take, all tries together. No limit when it is left out.</summary>
    [RangeMinimum(1)]
    public long? ActiveDeadlineSeconds { get; set; }

    /// <summary>How long a job that has ended is kept for its log.</summary>
    [RangeMinimum(0)]
    [DefaultValue(3600)]
    public int TtlSecondsAfterFinished { get; set; } = 3600;

    /// <summary>Jobs of this backbone that may run at once; with queueName, that may run or wait for Kueue at once. Skills take turns.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(256)]
    [DefaultValue(2)]
    public int MaxConcurrentJobs { get; set; } = 2;

    /// <summary>How experts are trained, unless a Skill says otherwise.</summary>
    [DefaultValue("{}", Json = true)]
    public TrainingRecipe Recipe { get; set; } = new();
}
