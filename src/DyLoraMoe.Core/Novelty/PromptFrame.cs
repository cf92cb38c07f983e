using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The words that the prompts of a dataset share, before and after what differs from prompt to prompt: how a task is asked for, apart from
/// what it is asked about. With two frames, data that came in one wording can be put into another.
/// </summary>
/// <param name="Before">The ids that most prompts begin with, a begin token included.</param>
/// <param name="After">The ids that most prompts end with.</param>
public sealed record PromptFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    // A few odd prompts must not hide what the others share.
    private const double Most = 0.9;

    /// <summary>Finds what most prompts share at both ends, leaving each at least one id of its own.</summary>
    /// <param name="prompts">The prompts.</param>
    public static PromptFrame Of(IReadOnlyList<int[]> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var (before, framed) = Shared(prompts, prompts.Count, (prompt, index) => index < prompt.Length - 1 ? prompt[index] : null);
        var (after, _) = Shared(framed, prompts.Count, (prompt, index) => index < prompt.Length - 1 - before.Count ? prompt[^(index + 1)] : null);
        after.Reverse();
        return new PromptFrame(before, after);
    }

    /// <summary>The same sample asked for in the words of another frame; null where this frame does not fit its prompt.</summary>
    /// <param name="sample">A sample in the words of this frame.</param>
    /// <param name="other">The other frame.</param>
    public TokenizedSample? Reword(TokenizedSample sample, PromptFrame other)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(other);
        var prompt = sample.Ids.AsSpan(0, sample.AnswerStart);
        if (prompt.Length <= Before.Count + After.Count || !prompt.StartsWith([.. Before]) || !prompt.EndsWith([.. After]))
        {
            return null;
        }

        int[] asked = [.. other.Before, .. prompt[Before.Count..^After.Count], .. other.After];
        var moved = asked.Length - prompt.Length;
        return sample with
        {
            Ids = [.. asked, .. sample.Ids.AsSpan(sample.AnswerStart)],
            AnswerStart = asked.Length,
            LossStart = Moved(sample.LossStart),
            InvocationStart = Math.Max(0, Moved(sample.InvocationStart)),
        };

        // Marks at the answer move with it; one at the very beginning, for the whole text, stays there.
        int Moved(int start) => start == 0 ? 0 : start + moved;
    }

    /// <summary>Whether both have the same words.</summary>
    /// <param name="other">The other frame.</param>
    public bool HasSameWords(PromptFrame other) => Before.SequenceEqual(other.Before) && After.SequenceEqual(other.After);

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
