using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Lets the number of pods follow their load, by a HorizontalPodAutoscaler.</summary>
[ValidationRule("self.minReplicas <= self.maxReplicas", message: "minReplicas must be at most maxReplicas")]
public sealed record Autoscaling
{
    /// <summary>Fewest pods.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    [DefaultValue(1)]
    public int MinReplicas { get; set; } = 1;

    /// <summary>Most pods.</summary>
    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    public int MaxReplicas { get; set; } = 1;

    /// <summary>Share of the requested processor time, in percent, that is aimed at. Pods have to ask for some, in resources.requests.cpu: without it the number stays as it is.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    [DefaultValue(70)]
    public int TargetCPUUtilizationPercentage { get; set; } = 70;
}
