namespace DyLoraMoe.Router.Engine;

/// <summary>A prompt that has a slot. Its reading is opened at its first turn, so that it finds what the others have read until then.</summary>
/// <param name="request">What is asked for with it.</param>
/// <param name="parts">The engine's.</param>
internal sealed class WaitingPrompt(GenerationRequest request, EngineParts parts) : IDisposable
{
    // What is known of a prompt does not tell how likely its tokens were.
    private readonly PrefixCache? _prefixes = request.NamesPrompt ? null : parts.Prefixes;
    private int? _known;
    private PromptReading? _reading;

    /// <summary>Its tokens.</summary>
    public int[] Tokens => request.Prompt;

    /// <summary>The reading.</summary>
    public PromptReading Reading => _reading ??= new PromptReading(request, parts.Set, _prefixes?.Find(Tokens), parts.Options.PrefillChunk);

    /// <summary>Whether nothing of it needs to be read.</summary>
    public bool IsKnown => _reading?.IsKnown ?? Known == Tokens.Length;

    /// <summary>Tokens that are still to be read, as far as that is known.</summary>
    public int TokensLeft => _reading?.TokensLeft ?? Tokens.Length - Known;

    private int Known => _known ??= _prefixes?.Find(Tokens)?.Mark.Tokens ?? 0;

    /// <summary>Whether it had better wait until another one was read, which then is the beginning of this one: that takes no longer than reading the beginning itself.</summary>
    /// <param name="other">One that has a slot, too.</param>
    public bool Gains(WaitingPrompt other) =>
        _reading is null && _prefixes is not null && other._reading is { IsEncoded: false } reading && reading.TokensLeft <= Tokens.AsSpan().CommonPrefixLength(other.Tokens) - Known;

    public void Dispose() => _reading?.Dispose();
}
