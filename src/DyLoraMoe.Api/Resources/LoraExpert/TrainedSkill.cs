using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Data that an expert has learnt.</summary>
public sealed record TrainedSkill
{
    /// <summary>The Skill.</summary>
    [Required]
    [Length(1, 253)]
    public string Skill { get; set; } = "";

    /// <summary>Digest of its dataset.</summary>
    [Required]
    public string Dataset { get; set; } = "";

    /// <summary>The context in tokens that longer samples of it were cut for; left out where none was cut.</summary>
    public int? Context { get; set; }
}
