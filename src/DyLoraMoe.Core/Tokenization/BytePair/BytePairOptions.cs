namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>A byte-pair model as its file describes it.</summary>
internal sealed record BytePairOptions
{
    /// <summary>Token to id.</summary>
    public required Dictionary<string, int> Vocabulary { get; init; }

    /// <summary>Pairs of ids, their rank and their product.</summary>
    public required IReadOnlyCollection<(int Left, int Right, int Rank, int Product)> Merges { get; init; }

    /// <summary>Symbols are bytes in GPT-2's alphabet; otherwise they are characters.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>A character that is not in the vocabulary becomes the tokens <c>&lt;0x00&gt;</c>.. of its bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>What an unknown symbol becomes; without it, unknown symbols vanish.</summary>
    public int? UnknownId { get; init; }

    /// <summary>A run of unknown symbols is one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>A piece that is a token as it stands is that token, whatever the merges say (Llama 3).</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>The mark that stands for a space, where one does.</summary>
    public char? Marker { get; init; }
}
