using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What a library keeps of a skill. Fixed when the library is made.</summary>
public sealed record LibraryOptions
{
    /// <summary>Training samples kept of a dataset, and used of a skill, however many datasets it has. 512 give a mean in 64 dimensions an error well below the spread.</summary>
    [Range(2, 1 << 20)]
    public int TrainingSamples { get; init; } = 512;

    /// <summary>Held-out samples kept of a dataset, and used of a skill, which calibrate p-values. 256 hold a batch of that size against as much.</summary>
    [Range(2, 1 << 20)]
    public int HeldOutSamples { get; init; } = 256;

    /// <summary>Dimensions that standardised features are projected to, so that their covariance can be estimated from a few hundred samples.</summary>
    [Range(1, 4096)]
    public int Dimensions { get; init; } = 64;

    /// <summary>Seed of the projection and of the choice of samples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The samples of a dataset that are kept, in their order; the same ones for the same dataset.</summary>
    /// <param name="samples">All of them.</param>
    /// <param name="dataset">The dataset's digest.</param>
    /// <param name="part">Which part of it they are.</param>
    public IReadOnlyList<T> Kept<T>(IReadOnlyList<T> samples, string dataset, SkillPart part)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var (count, name) = part == SkillPart.Training ? (TrainingSamples, "training") : (HeldOutSamples, "held-out");
        if (samples.Count <= count)
        {
            return samples;
        }

        var chosen = Enumerable.Range(0, samples.Count).ToArray();
        new SeededRandom(Seed, SeededRandom.Key(dataset), SeededRandom.Key(name)).Shuffle(chosen.AsSpan());
        return [.. chosen.Take(count).Order().Select(index => samples[index])];
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
