using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Generation;

/// <summary>How a continuation is chosen, in the terms of Hugging Face and the OpenAI API.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate. The default is 128.</summary>
    [Range(1, 1 << 20)]
    public int MaxTokens { get; init; } = 128;

    /// <summary>Divides the logits before sampling; 0, the default, always takes the likeliest token.</summary>
    [Range(0.0, 100.0)]
    public double Temperature { get; init; }

    /// <summary>Samples among this many likeliest tokens; 0, the default, among all.</summary>
    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    /// <summary>Samples among the fewest tokens whose probabilities reach this sum; 1, the default, among all.</summary>
    [Range(double.Epsilon, 1.0)]
    public double TopP { get; init; } = 1;

    /// <summary>Makes tokens that were seen before less likely when above 1, the default (<see href="https://arxiv.org/abs/1909.05858">CTRL</see>).</summary>
    [Range(0.01, 100.0)]
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Texts that end a generation; they are not part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Tokens that end a generation; they are not part of the answer.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Seed of the sampling. A row's draws depend on the seed and its place in the batch only.</summary>
    public int Seed { get; init; }

    /// <summary>Whether the probability of what is drawn is measured too. The default is not.</summary>
    public bool LogProbabilities { get; init; }

    /// <summary>Checks every bound.</summary>
    /// <exception cref="ValidationException">A value is out of range; the message names it.</exception>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>An end token or a stop text.</summary>
    Stop,

    /// <summary>The token limit.</summary>
    Length,
}
