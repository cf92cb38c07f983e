namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>What all prompts of a skill begin and end with: how it is asked for, apart from what it is asked about.</summary>
/// <param name="Before">The text before.</param>
/// <param name="After">The text after.</param>
public sealed record TextFrame(string Before, string After)
{
    /// <summary>The longest frame that ends and begins between words, and leaves every prompt something of its own.</summary>
    /// <param name="prompts">The prompts. Empty ones have no wording, so they do not count; of none that counts, the frame is empty.</param>
    public static TextFrame Of(IReadOnlyList<string> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        prompts = [.. prompts.Where(prompt => prompt.Length > 0)];
        if (prompts.Count == 0)
        {
            return new("", "");
        }

        var (first, shortest) = (prompts[0], prompts.Min(prompt => prompt.Length));
        var before = 0;
        while (before < shortest && prompts.All(prompt => prompt[before] == first[before]))
        {
            before++;
        }

        before = Back(first, Math.Min(before, shortest - 1));
        var after = 0;
        while (after < shortest - before - 1 && prompts.All(prompt => prompt[^(after + 1)] == first[^(after + 1)]))
        {
            after++;
        }

        while (after > 0 && char.IsLetterOrDigit(first[^after]))
        {
            after--;
        }

        return new(first[..before], first[^after..]);
    }

    /// <summary>What a prompt in this frame is about; null when it is not in it.</summary>
    public string? About(string prompt) =>
        prompt.Length > Before.Length + After.Length && prompt.StartsWith(Before, StringComparison.Ordinal) && prompt.EndsWith(After, StringComparison.Ordinal)
            ? prompt[Before.Length..^After.Length]
            : null;

    /// <summary>A prompt about something.</summary>
    public string Ask(string about) => Before + about + After;

    private static int Back(string text, int end)
    {
        while (end > 0 && char.IsLetterOrDigit(text[end - 1]))
        {
            end--;
        }

        return end;
    }
}
