using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>An expert that may be part of a set, by its newest version.</summary>
internal sealed record Applicant(ExpertInput Expert)
{
    /// <summary>Name and digest: what a refusal is about.</summary>
    public string Key => $"{Expert.Name}@{Expert.Digest}";
}

/// <summary>Experts that were tried together and refused.</summary>
/// <param name="Changes">Their keys.</param>
/// <param name="Skill">The skill that would have lost most; null when it was not that.</param>
/// <param name="Reason">Why, in one word: that they would cost a skill too much, that a job failed, or that pods did not become ready.</param>
/// <param name="Message">The figures, or what the job or the roll came to.</param>
internal sealed record RefusedBatch(IReadOnlyList<string> Changes, string? Skill, string Reason, string Message);

/// <summary>Which experts to try next: pure rules.</summary>
internal static class Candidates
{
    /// <summary>
    /// The changes of the next candidate: all at once; when they were refused together, half of them, until what is refused is one expert alone. So one bad
    /// expert holds nobody else back for more than a few tries.
    /// </summary>
    /// <param name="pending">Keys of all changes that are wanted, in order.</param>
    /// <param name="refused">What was refused.</param>
    /// <returns>The keys to try; empty when none is left.</returns>
    public static IReadOnlyList<string> Next(IReadOnlyList<string> pending, IReadOnlyList<RefusedBatch> refused)
    {
        var alone = refused.Where(batch => batch.Changes.Count == 1).Select(batch => batch.Changes[0]).ToHashSet(StringComparer.Ordinal);
        List<string> left = [.. pending.Where(key => !alone.Contains(key))];
        return Split(left, [.. refused.Select(batch => batch.Changes.ToHashSet(StringComparer.Ordinal))]);
    }

    private static IReadOnlyList<string> Split(List<string> left, List<HashSet<string>> refused)
    {
        // What is part of a batch that was refused holds the reason for it, or lets the rest of it through; halves tell.
        if (left.Count <= 1 || !refused.Exists(batch => batch.IsSupersetOf(left)))
        {
            return left;
        }

        var half = left.Count / 2;
        return Split(left[..half], refused);
    }
}
