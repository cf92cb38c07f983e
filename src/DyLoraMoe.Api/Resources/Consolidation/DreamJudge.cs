using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A model behind an OpenAI-compatible address that judges what was dreamt, after the expert's own critics.</summary>
public sealed record DreamJudge
{
    /// <summary>What chat/completions is below, such as https://judge.example/v1. The Job has to reach it.</summary>
    [Required]
    [Length(1, 1024)]
    [Pattern(Patterns.Address)]
    public string Url { get; set; } = "";

    /// <summary>The model's name there.</summary>
    [Required]
    [Length(1, 256)]
    public string Model { get; set; } = "";

    /// <summary>Key of a Secret with the API key, sent as a bearer token. None is sent when it is left out.</summary>
    public KeyReference? ApiKeySecretRef { get; set; }

    /// <summary>The least score with which a dream is kept, from 0 to 1: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) <= 1.0", message: "must be at most 1")]
    [DefaultValue("0.5")]
    public string LeastScore { get; set; } = "0.5";
}
