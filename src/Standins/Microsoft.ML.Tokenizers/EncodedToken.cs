namespace Microsoft.ML.Tokenizers;

/// <summary>A token: its id, its text in the vocabulary, and the characters of the (normalized) text it covers.</summary>
public readonly struct EncodedToken : IEquatable<EncodedToken>
{
    /// <summary>Makes a token.</summary>
    public EncodedToken(int id, string value, Range offset)
    {
        Id = id;
        Value = value;
        Offset = offset;
    }

    /// <summary>The id.</summary>
    public int Id { get; }

    /// <summary>The text in the vocabulary.</summary>
    public string Value { get; }

    /// <summary>The characters covered.</summary>
    public Range Offset { get; }

    /// <inheritdoc />
    public bool Equals(EncodedToken other) => Id == other.Id && Value == other.Value && Offset.Equals(other.Offset);
}
