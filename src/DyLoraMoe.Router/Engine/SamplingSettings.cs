namespace DyLoraMoe.Router.Engine;

/// <summary>How the tokens of one answer are chosen, and where it ends.</summary>
internal sealed record SamplingSettings
{
    /// <summary>Most tokens to generate; 0 where only the prompt is of interest.</summary>
    public int MaxTokens { get; init; } = 16;

    /// <summary>Divides the scores before a draw; 0 always takes the likeliest token.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draws among the fewest tokens whose probabilities reach this sum; 1 among all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Draws among this many likeliest tokens; 0 among all.</summary>
    public int TopK { get; init; }

    /// <summary>Taken from the score of every token that the answer holds already.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Taken from the score of a token for every time that the answer holds it.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Seed of the draws; nothing else that is in the batch has a part in them.</summary>
    public int Seed { get; init; }

    /// <summary>Texts that end the answer and are no part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Goes on past the end tokens, for measurements.</summary>
    public bool IgnoresEnd { get; init; }

    /// <summary>How many likely tokens to name beside each chosen one; null for no probabilities at all.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Whether only tokens that keep the answer a JSON object may be chosen.</summary>
    public bool IsJsonObject { get; init; }

    /// <summary>Whether the likeliest token is all that is needed, which the device finds for all rows at once.</summary>
    public bool IsPlainGreedy => Temperature == 0 && PresencePenalty == 0 && FrequencyPenalty == 0 && TopLogprobs is null && !IsJsonObject;
}
