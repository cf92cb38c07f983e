using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Something that a backbone is to be able to do, given by samples.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = KindName, PluralName = PluralName)]
[KubernetesEntityShortNames("sk")]
[Category("dylora")]
[GenericAdditionalPrinterColumn(".spec.backboneRef.name", "Backbone", "string", Description = "The Backbone that is to learn it.")]
[GenericAdditionalPrinterColumn(".status.novelty.decision", "Decision", "string", Description = "Whether the data are new.")]
[GenericAdditionalPrinterColumn(".status.expertRef.name", "Expert", "string", Description = "The expert that has the skill.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].status", "Ready", "string", Description = "Whether it is done.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is so.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Description = "Time since it was made.")]
[GenericAdditionalPrinterColumn(".status.dataset.samples", "Samples", "integer", Priority = PrinterColumnPriority.WideView, Description = "Different samples.")]
[GenericAdditionalPrinterColumn(".status.novelty.pValue", "P-Value", "string", Priority = PrinterColumnPriority.WideView, Description = "How likely the data would look as they do if they belonged to the nearest skill.")]
[GenericAdditionalPrinterColumn(".status.novelty.nearestSkill", "Nearest", "string", Priority = PrinterColumnPriority.WideView, Description = "The skill that is nearest.")]
[GenericAdditionalPrinterColumn(".status.dataset.digest", "Dataset", "string", Priority = PrinterColumnPriority.WideView, Description = "Digest of the dataset.")]
[ValidationRule("self.metadata.name.size() <= 40", message: "metadata.name must have at most 40 characters: names of Jobs and pods are made from it")]
[ValidationRule("self.metadata.name.matches('" + Patterns.ResourceName + "')", message: "metadata.name must begin with a letter and hold only lower-case letters, digits and '-'")]
public sealed class Skill : CustomKubernetesEntity<SkillSpec, SkillStatus>
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "Skill";

    /// <summary>Plural name, as in addresses.</summary>
    public const string PluralName = "skills";

    /// <summary>A resource without name.</summary>
    public Skill()
    {
        ApiVersion = ApiNames.GroupVersion;
        Kind = KindName;
    }
}
