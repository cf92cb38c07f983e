namespace Microsoft.ML.Tokenizers;

/// <summary>What an encoding call takes into account.</summary>
public struct EncodeSettings
{
    /// <summary>Settings without a limit on the number of tokens.</summary>
    public EncodeSettings()
    {
        MaxTokenCount = int.MaxValue;
    }

    /// <summary>Whether the normalizer runs first.</summary>
    public bool ConsiderNormalization { get; set; }

    /// <summary>Whether the pre-tokenizer runs before the model.</summary>
    public bool ConsiderPreTokenization { get; set; }

    /// <summary>The most tokens to produce.</summary>
    public int MaxTokenCount { get; set; }
}
