using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>
/// A frozen language model, the policies by which it gains skills, and the servers that answer with it and its experts.
/// </summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = KindName, PluralName = PluralName)]
[KubernetesEntityShortNames("bb")]
[Category("dylora")]
[ScaleSubresource(".spec.serving.replicas", ".status.replicas", ".status.selector")]
[GenericAdditionalPrinterColumn(".status.experts", "Experts", "integer", Description = "Experts in the active set.")]
[GenericAdditionalPrinterColumn(".status.matureExperts", "Mature", "integer", Description = "How many of them are mature.")]
[GenericAdditionalPrinterColumn(".status.routingMode", "Routing", "string", Description = "How prompts reach experts.")]
[GenericAdditionalPrinterColumn(".status.serving", "Serving", "string", Description = "Pods that serve the active revision, of those that should.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string")]
[GenericAdditionalPrinterColumn(".status.activeRevision", "Revision", "string", Priority = PrinterColumnPriority.WideView, Description = "The set that is served.")]
[GenericAdditionalPrinterColumn(".status.digest", "Digest", "string", Priority = PrinterColumnPriority.WideView, Description = "Digest of the weights.")]
[GenericAdditionalPrinterColumn(".status.endpoint", "Endpoint", "string", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
[ValidationRule("self.metadata.name.size() <= 40", fieldPath: ".metadata.name", message: "must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", fieldPath: ".metadata.name", message: "must begin with a letter and hold only lower-case letters, digits and '-'")]
public sealed class Backbone : CustomKubernetesEntity<BackboneSpec, BackboneStatus>
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "Backbone";

    /// <summary>Plural name, as in addresses.</summary>
    public const string PluralName = "backbones";

    /// <summary>A resource without name.</summary>
    public Backbone()
    {
        ApiVersion = ApiNames.GroupVersion;
        Kind = KindName;
    }
}
