using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How the router runs: its pods, how they are replaced, and its limits.</summary>
[ValidationRule("!(string(self.maxUnavailable) in ['0', '0%']) || !has(self.maxSurge) || !(string(self.maxSurge) in ['0', '0%'])", message: "maxSurge must not be 0 while maxUnavailable is 0: no pod could ever be replaced")]
[ValidationRule("!has(self.drainSeconds) || self.drainSeconds < self.terminationGracePeriodSeconds", message: "drainSeconds must be less than terminationGracePeriodSeconds: a pod takes requests within the time that it has to end in")]
public sealed record ServingTemplate
{
    /// <summary>Image of the router. The operator's own default when it is left out.</summary>
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

    /// <summary>Pods. Ignored while autoscaling is set, except as the first number.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(1000)]
    [DefaultValue(1)]
    public int Replicas { get; set; } = 1;

    /// <summary>What the router's container asks for and may have.</summary>
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

    /// <summary>Annotations of the pods. Those by which Prometheus finds a router, prometheus.io/scrape, port and path, are there unless they are given here. A change replaces the pods one after the other.</summary>
    [PropertyLimits(0, PodMetadata.Entries)]
    [Each(PodMetadata.AnnotationLength)]
    [ValidationRule(PodMetadata.Rule, message: PodMetadata.Message)]
    [ValidationRule(PodMetadata.AnnotationKeys, message: PodMetadata.AnnotationKeysMessage)]
    public IDictionary<string, string>? PodAnnotations { get; set; }

    /// <summary>Labels of the pods, beside the operator's own. A change replaces the pods one after the other.</summary>
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

    /// <summary>Service account of the pods. One without any right, made by the operator, when it is left out.</summary>
    [Length(1, 253)]
    [Pattern(Patterns.ObjectName)]
    public string? ServiceAccountName { get; set; }

    /// <summary>How many pods there may be beyond the replicas while they are replaced: a number or a percentage.</summary>
    [DefaultValue(1)]
    [ValidationRule("type(self) == int ? self >= 0 && self <= 1000 : self.matches('" + Patterns.Percent + "')", message: "must be a number from 0 to 1000 or a percentage")]
    public IntOrString MaxSurge { get; set; } = 1;

    /// <summary>How many pods may be missing while they are replaced: a number or a percentage. With the default, 0, no request fails.</summary>
    [DefaultValue(0)]
    [ValidationRule("type(self) == int ? self >= 0 && self <= 1000 : self.matches('" + Patterns.Share + "')", message: "must be a number from 0 to 1000 or a percentage of at most 100%")]
    public IntOrString MaxUnavailable { get; set; } = 0;

    /// <summary>How long a pod must be ready before it counts.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(3600)]
    [DefaultValue(0)]
    public int MinReadySeconds { get; set; }

    /// <summary>
    /// How long a pod may take to end: some seconds for its place in the Service and kept connections, and the rest for the requests that run. A pod
    /// without any ends at once. An answer may take five minutes, or as long as a pod has for it when that is longer, unless limits.requestTimeoutSeconds says otherwise; with less time here, rolls cut the longest ones.
    /// </summary>
    [RangeMinimum(1)]
    [RangeMaximum(86_400)]
    [DefaultValue(320)]
    public int TerminationGracePeriodSeconds { get; set; } = 320;

    /// <summary>
    /// How long a pod that ends still takes requests, until whoever sends them has noticed: a proxy of the cluster needs some seconds, a load balancer outside of it up to 30.
    /// A tenth of terminationGracePeriodSeconds, at most 15, when it is left out: with the usual 320, an answer that begins then still has its five minutes. With more here give more there too.
    /// </summary>
    [RangeMinimum(0)]
    [RangeMaximum(3600)]
    public int? DrainSeconds { get; set; }

    /// <summary>Lets the number of pods follow their load. The number stays at replicas when it is left out.</summary>
    public Autoscaling? Autoscaling { get; set; }

    /// <summary>What a pod takes on at most.</summary>
    [DefaultValue("{}", Json = true)]
    public ServingLimits Limits { get; set; } = new();

    /// <summary>Key of a Secret with the API keys that requests must have, one a line, a name before it if there is one. Everybody may ask when it is left out.</summary>
    public KeyReference? ApiKeysSecretRef { get; set; }

    /// <summary>Keeps verdicts on answers, for later learning. They are refused when it is left out.</summary>
    public FeedbackStorage? Feedback { get; set; }

    /// <summary>Remembers answers that were corrected or praised, each for the requests of the user who brought it, from the next one on. Nothing is remembered when it is left out.</summary>
    public MemoryStorage? Memory { get; set; }

    /// <summary>Writes prompts and answers to the router's log, which holds none of them otherwise.</summary>
    [DefaultValue(false)]
    public bool LogPrompts { get; set; }

    /// <summary>Serve this revision and no newer one: a roll back. Follow the newest accepted revision when it is left out.</summary>
    [Length(0, Bounds.DigestLength)]
    [Pattern(Patterns.Digest)]
    public string? Revision { get; set; }
}
