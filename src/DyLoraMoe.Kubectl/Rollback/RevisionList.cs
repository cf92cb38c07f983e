using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Rollback;

/// <summary>The revisions that a backbone can go back to: pure functions of what is kept.</summary>
internal static class RevisionList
{
    private const int FewestDigits = 4;

    /// <summary>A line for each, the newest first; an arrow points at the one that a roll back goes to. The weights are said where they are not the same for all.</summary>
    public static IEnumerable<string> Lines(Backbone backbone, IReadOnlyList<StoredSet> sets, DateTimeOffset now)
    {
        var (status, target, hasGrown) = (backbone.Status, Previous(backbone, sets), sets.DistinctBy(set => set.Set.Backbone.Digest).Count() > 1);
        foreach (var set in Sorted(sets))
        {
            var mark = set.Revision == status.ActiveRevision ? "active" : set.Revision == status.PendingRevision ? "pending" : set.GivenUp is not null ? "given up" : set.Revision == status.PreviousRevision ? "previous" : "";
            var pin = set.Revision == backbone.Spec.Serving.Revision ? "  pinned" : "";
            yield return $"{(set == target ? "->" : "  ")} {Figures.Short(set.Revision)}  {mark,-8}  {Figures.Age(set.Created, now),4}  {set.Experts}{(hasGrown ? $"  on {set.Weights}" : "")}{pin}";
        }
    }

    /// <summary>The revision that a roll back goes to: the one that was served before the active one, or else the newest other one that was not given up; null when there is none.</summary>
    public static StoredSet? Previous(Backbone backbone, IReadOnlyList<StoredSet> sets)
    {
        var status = backbone.Status;
        return sets.FirstOrDefault(set => set.Revision == status.PreviousRevision && set.Revision != status.ActiveRevision)
            ?? Sorted(sets).SkipWhile(set => set.Revision != status.ActiveRevision).Skip(1).FirstOrDefault(set => set.GivenUp is null);
    }

    /// <summary>What a roll back to a set does to the backbone: a sentence to go on with; empty where the set is on the weights that are served.</summary>
    public static string Moves(Backbone backbone, IReadOnlyList<StoredSet> sets, StoredSet target) =>
        sets.FirstOrDefault(set => set.Revision == backbone.Status.ActiveRevision) is { } active && active.Set.Backbone.Digest != target.Set.Backbone.Digest
            ? $" It is on {target.Weights}, those that are served now are {active.Weights}: the backbone goes back with its experts."
            : "";

    /// <summary>A revision by its digest, the first digits of it, or its ConfigMap.</summary>
    /// <exception cref="PluginException">None or several fit.</exception>
    public static StoredSet Find(Backbone backbone, IReadOnlyList<StoredSet> sets, string wanted)
    {
        var digits = wanted[(wanted.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var found = sets.Where(set => set.ConfigMap == wanted || (digits.Length >= FewestDigits && set.Revision[(set.Revision.IndexOf(':', StringComparison.Ordinal) + 1)..].StartsWith(digits, StringComparison.Ordinal))).ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new PluginException($"Backbone {backbone.Metadata.Name} keeps no revision {wanted}; it keeps {(sets.Count == 0 ? "none" : string.Join(", ", Sorted(sets).Select(set => Figures.Short(set.Revision))))}."),
            _ => throw new PluginException($"{wanted} fits {Figures.Count(found.Count, "revision")}: give more digits."),
        };
    }

    private static IEnumerable<StoredSet> Sorted(IReadOnlyList<StoredSet> sets) => sets.OrderByDescending(set => set.Created).ThenBy(set => set.Revision, StringComparer.Ordinal);
}
