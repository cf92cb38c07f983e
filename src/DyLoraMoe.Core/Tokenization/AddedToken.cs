namespace DyLoraMoe.Core.Tokenization;

/// <summary>A token that is found in the text as it stands, before the model sees the rest.</summary>
/// <param name="Content">What it looks like.</param>
/// <param name="Id">Its id.</param>
internal sealed record AddedToken(string Content, int Id)
{
    /// <summary>A control token, left out when special tokens are skipped.</summary>
    public bool Special { get; init; }

    /// <summary>Looked for in normalized text instead of the text as given.</summary>
    public bool Normalized { get; init; }

    /// <summary>White space before it is part of it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>White space after it is part of it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Found only where no word character touches it.</summary>
    public bool SingleWord { get; init; }
}
