using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Novelty;

/// <summary>Which gradients describe an answer.</summary>
public sealed record GradientOptions
{
    /// <summary>Paths of the probed linear layers; the default is the <c>down_proj</c> of the first, the middle and the last layer.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Layers of a grown backbone to probe in place of <see cref="Layers"/>, as what they were before; none by default.</summary>
    public IReadOnlyList<CarriedLayer> Carried { get; init; } = [];

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

/// <summary>A layer of a grown backbone that is probed as the layer it was, so that descriptions made before growth stay true.</summary>
/// <param name="Layer">Its path now.</param>
/// <param name="Before">Its path before, by which its probe is drawn.</param>
/// <param name="Inputs">Its inputs before, which are its first now.</param>
/// <param name="Outputs">Its outputs before, which are its first now.</param>
public sealed record CarriedLayer(string Layer, string Before, int Inputs, int Outputs);
