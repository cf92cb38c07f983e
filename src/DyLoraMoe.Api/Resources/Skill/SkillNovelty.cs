using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Whether to find out if the data are new.</summary>
[ValidationRule("(self.mode == 'Extend') == has(self.expertRef)", message: "expertRef must be set when mode is Extend, and only then")]
public sealed record SkillNovelty
{
    /// <summary>Find out.</summary>
    public const string Auto = "Auto";

    /// <summary>A new expert, without asking.</summary>
    public const string Novel = "Novel";

    /// <summary>Teach the expert that is named, without asking.</summary>
    public const string Extend = "Extend";

    /// <summary>Auto to find out; Novel for a new expert without asking; Extend to teach expertRef without asking.</summary>
    [EnumValues(Auto, Novel, Extend)]
    [DefaultValue(Auto)]
    public string Mode { get; set; } = Auto;

    /// <summary>The LoraExpert to extend.</summary>
    public LocalReference? ExpertRef { get; set; }
}
