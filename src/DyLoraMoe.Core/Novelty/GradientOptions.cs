using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Novelty;

/// <summary>Which gradients describe an answer.</summary>
public sealed record GradientOptions
{
    /// <summary>Paths of the probed linear layers; the default is the <c>down_proj</c> of the first, the middle and the last layer.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Rank of the probe. Four random directions of a layer's input are plenty before the projection below.</summary>
    [Range(1, 256)]
    public int Rank { get; init; } = 4;

    /// <summary>Width of the description, G. 48 keeps a covariance of 512 samples well conditioned.</summary>
    [Range(1, 4096)]
    public int Dimensions { get; init; } = 48;

    /// <summary>Seed of the probe and of the projection.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
