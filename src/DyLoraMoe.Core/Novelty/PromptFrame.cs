using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The words that the prompts of a dataset share, before and after what differs from prompt to prompt: how a task is asked for, apart from
/// what it is asked about. With two frames, data that came in one wording can be put into another.
/// </summary>
/// <param name="Before">The ids that most prompts begin with, a begin token included.</param>
/// <param name="After">The ids that most prompts end with.</param>
/// <param name="Lead">The white space that most texts in between begin with, which tokenizers make part of the next word; null where texts are not known.</param>
/// <param name="Trail">The white space that most of them end with.</param>
public sealed record PromptFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After, string? Lead = null, string? Trail = null)
{
    // A few odd prompts must not hide what the others share.
    private const double Most = 0.9;

    /// <summary>Finds what most prompts share at both ends, leaving each at least one id of its own.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="texts">Reads them; null where only ids are known.</param>
    public static PromptFrame Of(IReadOnlyList<int[]> prompts, IPromptTexts? texts = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var (before, begun) = Shared(prompts, prompts.Count, (prompt, index) => index < prompt.Length - 1 ? prompt[index] : null);
        var (after, framed) = Shared(begun, prompts.Count, (prompt, index) => index < prompt.Length - 1 - before.Count ? prompt[^(index + 1)] : null);
        after.Reverse();
        if (texts is null)
        {
            return new PromptFrame(before, after);
        }

        var between = framed.Select(prompt => texts.TextOf(prompt[before.Count..^after.Count])).ToList();
        return new PromptFrame(
            before,
            after,
            Commonest(between.Select(text => text[..^text.TrimStart().Length])),
            Commonest(between.Select(text => text[text.TrimEnd().Length..])));
    }

    /// <summary>The same sample asked for in the words of another frame; null where this frame does not fit its prompt.</summary>
    /// <param name="sample">A sample in the words of this frame.</param>
    /// <param name="other">The other frame.</param>
    /// <param name="texts">Spells what is asked about as it would be between the other words; null to take its ids as they are.</param>
    public TokenizedSample? Reword(TokenizedSample sample, PromptFrame other, IPromptTexts? texts = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(other);
        var prompt = sample.Ids.AsSpan(0, sample.AnswerStart);
        if (prompt.Length <= Before.Count + After.Count || !prompt.StartsWith([.. Before]) || !prompt.EndsWith([.. After]))
        {
            return null;
        }

        var about = prompt[Before.Count..^After.Count].ToArray();
        if (texts is not null && other.Lead is not null && (Lead, Trail) != (other.Lead, other.Trail))
        {
            about = texts.IdsOf(other.Lead + texts.TextOf(about).Trim() + other.Trail);
        }

        int[] asked = [.. other.Before, .. about, .. other.After];
        var moved = asked.Length - prompt.Length;
        return sample with
        {
            Ids = [.. asked, .. sample.Ids.AsSpan(sample.AnswerStart)],
            AnswerStart = asked.Length,
            // The loss goes with the answer, or stays on the whole text.
            LossStart = sample.LossStart == 0 ? 0 : sample.LossStart + moved,
            InvocationStart = Math.Max(0, sample.InvocationStart + moved),
        };
    }

    internal (string Before, string After, string? Lead, string? Trail) Words => (string.Join(' ', Before), string.Join(' ', After), Lead, Trail);

    /// <summary>Whether both have the same words.</summary>
    /// <param name="other">The other frame.</param>
    public bool HasSameWords(PromptFrame other) => Before.SequenceEqual(other.Before) && After.SequenceEqual(other.After);

    private static string Commonest(IEnumerable<string> values) => values.GroupBy(value => value).MaxBy(group => group.Count())?.Key ?? string.Empty;

    // Goes on as long as one id is next in most of all prompts; those with another drop out.
    private static (List<int> Ids, IReadOnlyList<int[]> Prompts) Shared(IReadOnlyList<int[]> prompts, int all, Func<int[], int, int?> next)
    {
        var (ids, left) = (new List<int>(), prompts);
        while (true)
        {
            var most = left.Where(prompt => next(prompt, ids.Count) is not null).GroupBy(prompt => next(prompt, ids.Count)!.Value).MaxBy(group => group.Count());
            if (most is null || most.Count() < Most * all)
            {
                return (ids, left);
            }

            left = [.. most];
            ids.Add(most.Key);
        }
    }
}
