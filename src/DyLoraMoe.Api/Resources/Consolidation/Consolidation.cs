using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>
/// A night: experts go over what they know again, at a low rate and within a bound on how far they may drift, with dreams mixed in where those are wanted. What
/// comes of it is offered as a set, and is served only when no skill gets worse.
/// </summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = KindName, PluralName = PluralName)]
[KubernetesEntityShortNames("sleep")]
[Category("dylora")]
[GenericAdditionalPrinterColumn(".spec.backboneRef.name", "Backbone", "string", Description = "The Backbone whose experts it is for.")]
[GenericAdditionalPrinterColumn(".spec.schedule", "Schedule", "string", Description = "When it runs; empty for once.")]
[GenericAdditionalPrinterColumn(".status.run.number", "Run", "integer", Description = "Its newest run.")]
[GenericAdditionalPrinterColumn(".status.run.progress", "Experts", "string", Description = "Experts that are done with, of those that the run is for.")]
[GenericAdditionalPrinterColumn(".status.run.outcome", "Outcome", "string", Description = "How that run ended.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string", Description = "Whether nothing is left to do now.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is so.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "Time since it was made.")]
[GenericAdditionalPrinterColumn(".status.lastScheduleTime", "Last", "date", Priority = PrinterColumnPriority.WideView, Description = "When it was due last.")]
[GenericAdditionalPrinterColumn(".status.nextScheduleTime", "Next", "string", Priority = PrinterColumnPriority.WideView, Description = "When it is due next.")]
[ValidationRule("self.metadata.name.size() <= 40", message: "metadata.name must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('" + Patterns.ResourceName + "')", message: "metadata.name must begin with a letter and hold only lower-case letters, digits and '-'")]
public sealed class Consolidation : CustomKubernetesEntity<ConsolidationSpec, ConsolidationStatus>
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "Consolidation";

    /// <summary>Plural name, as in addresses.</summary>
    public const string PluralName = "consolidations";

    /// <summary>A resource without name.</summary>
    public Consolidation()
    {
        ApiVersion = ApiNames.GroupVersion;
        Kind = KindName;
    }
}
