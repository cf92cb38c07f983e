namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// What was asked before: prompts as a whole, and by what they are about inside each wording. Words that all prompts of a skill share would make any two of them
/// look the same.
/// </summary>
/// <param name="frames">The wordings.</param>
/// <param name="threshold">From which similarity of trigrams two matters are the same.</param>
internal sealed class AskedBefore(IEnumerable<TextFrame> frames, double threshold)
{
    private readonly HashSet<string> _prompts = new(StringComparer.Ordinal);
    private readonly Dictionary<TextFrame, PromptSet> _matters = frames.Distinct().ToDictionary(frame => frame, _ => new PromptSet(threshold));

    /// <summary>Takes note of a prompt.</summary>
    public void Add(string prompt)
    {
        _prompts.Add(prompt);
        foreach (var (frame, matters) in _matters)
        {
            if (frame.About(prompt) is { } about)
            {
                matters.Add(about);
            }
        }
    }

    /// <summary>The prompt that was asked before and is this one, or about nearly the same in its wording; null for none.</summary>
    public string? Like(string prompt) => _prompts.Contains(prompt)
        ? prompt
        : _matters.Select(pair => pair.Key.About(prompt) is { } about && pair.Value.Like(about) is { } like ? pair.Key.Ask(like) : null).FirstOrDefault(like => like is not null);
}
