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
[GenericAdditionalPrinterColumn(".status.activeSetConfigMap", "Revision", "string", Description = "The ConfigMap that holds the set that is served.")]
[GenericAdditionalPrinterColumn(".status.readyReplicas", "Ready Replicas", "integer", Description = "Pods that are ready.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string", Description = "Whether everything that was asked for is served.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is so.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "Time since it was made.")]
[GenericAdditionalPrinterColumn(".status.matureExperts", "Mature", "integer", Priority = PrinterColumnPriority.WideView, Description = "How many of the experts are mature.")]
[GenericAdditionalPrinterColumn(".status.routingMode", "Routing", "string", Priority = PrinterColumnPriority.WideView, Description = "How prompts reach experts.")]
[GenericAdditionalPrinterColumn(".status.serving", "Serving", "string", Priority = PrinterColumnPriority.WideView, Description = "Pods that serve the active revision, of those that should.")]
[GenericAdditionalPrinterColumn(".status.runningJobs", "Jobs", "integer", Priority = PrinterColumnPriority.WideView, Description = "Jobs that run now.")]
[GenericAdditionalPrinterColumn(".status.endpoint", "Endpoint", "string", Priority = PrinterColumnPriority.WideView, Description = "Address of the OpenAI-compatible API inside the cluster.")]
[GenericAdditionalPrinterColumn(".status.digest", "Digest", "string", Priority = PrinterColumnPriority.WideView, Description = "Digest of the weights.")]
[ValidationRule("self.metadata.name.size() <= 40", message: "metadata.name must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('" + Patterns.ResourceName + "')", message: "metadata.name must begin with a letter and hold only lower-case letters, digits and '-'")]
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
