using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>How episodes go into an expert.</summary>
public sealed record MemoryConsolidationOptions
{
    /// <summary>What counts how much.</summary>
    public DistillationWeights Weights { get; init; } = new();

    /// <summary>Most optimizer steps. It ends sooner once every episode is recalled at two looks in a row.</summary>
    [Range(1, 1 << 20)]
    public int MaxSteps { get; init; } = 400;

    /// <summary>Most tokens that the student reads, replay included: the step that reaches it is the last. Null for any number.</summary>
    [Range(1, long.MaxValue)]
    public long? MaxTokens { get; init; }

    /// <summary>Episodes per step.</summary>
    [Range(1, 1 << 12)]
    public int Rows { get; init; } = 16;

    /// <summary>Samples of what the expert knows already per step; each keeps the distribution that it had.</summary>
    [Range(0, 1 << 12)]
    public int ReplayRows { get; init; } = 16;

    /// <summary>Weight of replay beside the episodes.</summary>
    [Range(0.0, 100.0)]
    public double Replay { get; init; } = 1;

    /// <summary>The rate, after a warm-up of a tenth of the steps up to ten.</summary>
    [Range(0.0, 1.0)]
    public double Rate { get; init; } = 1e-3;

    /// <summary>Steps between two looks at recall.</summary>
    [Range(1, 1 << 20)]
    public int CheckEvery { get; init; } = 25;

    /// <summary>How often an episode stands in the teacher's context. Twice helps a small model to copy.</summary>
    [Range(1, 8)]
    public int Repeats { get; init; } = 2;

    /// <summary>Most tokens of a text.</summary>
    [Range(8, 1 << 20)]
    public int Context { get; init; } = 256;

    /// <summary>Loss of the answer below which an episode counts as recalled although the greedy answer differs, in nats per token.</summary>
    [Range(0.0, 100.0)]
    public double RecallLoss { get; init; } = 0.05;

    /// <summary>Seed of the order.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        Validator.ValidateObject(Weights, new ValidationContext(Weights), validateAllProperties: true);
    }
}
