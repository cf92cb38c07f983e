namespace DyLoraMoe.Kubectl.Learn;

/// <summary>What is to be learnt, as one text.</summary>
/// <param name="Text">The text.</param>
/// <param name="Format">How examples lie in it, one of <see cref="Api.Resources.DataFormats"/>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Ignored">Files of a folder that hold no examples, by their endings.</param>
internal sealed record Examples(string Text, string Format, int Count, IReadOnlyList<string> Ignored)
{
    /// <summary>The field of the prompt; null when it is found by its usual names.</summary>
    public string? InputField { get; init; }

    /// <summary>Whether prompt and answer are turns of a chat.</summary>
    public bool Chat { get; init; }

    /// <summary>The field of the answer.</summary>
    public string? OutputField { get; init; }
}
