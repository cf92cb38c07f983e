using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>
/// A backbone that becomes larger: new weights that change nothing at that moment, then a while in which it relearns what the smaller one said. Its experts are
/// carried over, and the set on the larger backbone is served only when no skill gets worse.
/// </summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = KindName, PluralName = PluralName)]
[KubernetesEntityShortNames("grow")]
[Category("dylora")]
[GenericAdditionalPrinterColumn(".spec.backboneRef.name", "Backbone", "string", Description = "The Backbone that grows.")]
[GenericAdditionalPrinterColumn(".status.grown", "Grown", "string", Description = "How much larger it becomes.")]
[GenericAdditionalPrinterColumn(".status.divergence", "Divergence", "string", Description = "Nats per token by which it differs from what it was, on held-out text.")]
[GenericAdditionalPrinterColumn(".status.migrated", "Experts", "string", Description = "Experts that are carried over, of all.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string", Description = "Whether it is served.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is so.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "Time since it was made.")]
[GenericAdditionalPrinterColumn(".status.parametersAfter", "Parameters", "integer", Priority = PrinterColumnPriority.WideView, Description = "Weights after.")]
[ValidationRule("self.metadata.name.size() <= 40", message: "metadata.name must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('" + Patterns.ResourceName + "')", message: "metadata.name must begin with a letter and hold only lower-case letters, digits and '-'")]
public sealed class Growth : CustomKubernetesEntity<GrowthSpec, GrowthStatus>
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "Growth";

    /// <summary>Plural name, as in addresses.</summary>
    public const string PluralName = "growths";

    /// <summary>A resource without name.</summary>
    public Growth()
    {
        ApiVersion = ApiNames.GroupVersion;
        Kind = KindName;
    }
}
