using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A low-rank adapter of a backbone that has one skill or several: made by the operator for a Skill, or brought along by a person.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = KindName, PluralName = PluralName)]
[KubernetesEntityShortNames("experts", "expert", "lx")]
[Category("dylora")]
[GenericAdditionalPrinterColumn(".spec.skillRef.name", "Skill", "string", Description = "The Skill that it was made for.")]
[GenericAdditionalPrinterColumn(".status.stage", "Stage", "string", Description = "Where it is in its life.")]
[GenericAdditionalPrinterColumn(".status.maturityPercent", "Maturity", "integer", Description = "How mature it is, in percent.")]
[GenericAdditionalPrinterColumn(".status.evaluation.gainPercent", "Gain", "integer", Description = "How much less it loses on held-out data than the bare backbone, in percent.")]
[GenericAdditionalPrinterColumn(".status.served", "Served", "string", Description = "Pods that serve its newest admitted artifact, of those that should.")]
[GenericAdditionalPrinterColumn(".status.trafficSharePercent", "Share", "integer", Description = "Share of the requests that reach it, in percent.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string", Description = "Whether it is done.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is so.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "Time since it was made.")]
[GenericAdditionalPrinterColumn(".spec.backboneRef.name", "Backbone", "string", Priority = PrinterColumnPriority.WideView, Description = "The Backbone that it belongs to.")]
[GenericAdditionalPrinterColumn(".status.mode", "Mode", "string", Priority = PrinterColumnPriority.WideView, Description = "Where it acts.")]
[GenericAdditionalPrinterColumn(".status.rank", "Rank", "integer", Priority = PrinterColumnPriority.WideView, Description = "Width of its update.")]
[GenericAdditionalPrinterColumn(".status.progress.percent", "Progress", "integer", Priority = PrinterColumnPriority.WideView, Description = "How far its training is, in percent.")]
[GenericAdditionalPrinterColumn(".status.artifact.digest", "Digest", "string", Priority = PrinterColumnPriority.WideView, Description = "Digest of its artifact.")]
[ValidationRule("self.metadata.name.size() <= 40", message: "metadata.name must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('" + Patterns.ResourceName + "')", message: "metadata.name must begin with a letter and hold only lower-case letters, digits and '-'")]
public sealed class LoraExpert : CustomKubernetesEntity<LoraExpertSpec, LoraExpertStatus>
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "LoraExpert";

    /// <summary>Plural name, as in addresses.</summary>
    public const string PluralName = "loraexperts";

    /// <summary>A resource without name.</summary>
    public LoraExpert()
    {
        ApiVersion = ApiNames.GroupVersion;
        Kind = KindName;
    }
}
