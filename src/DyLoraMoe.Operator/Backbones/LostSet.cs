using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>What a person is told when the set that is served is not to be found: a pure function.</summary>
internal static class LostSet
{
    /// <summary>Which ConfigMap is missing, and the ways on from there.</summary>
    /// <param name="scope">A visit that found no set of the active revision.</param>
    /// <param name="sets">The sets that there are, the newest first.</param>
    public static string Message(BackboneScope scope, IReadOnlyList<KnownSet> sets)
    {
        var revision = scope.Status.ActiveRevision!;
        return $"Expected ConfigMap {ChildNames.Set(scope.Name, revision)} with revision {revision}, which is served, and found none that this version can read. Pods that run go on with it, and nothing newer is served. Restore it"
            + (WayBack(scope, sets) is { } kept ? $", or set spec.serving.revision to {kept.Revision}, which is kept" : "")
            + "; or take away status.activeRevision to begin anew with the bare backbone, which experts then join unchecked.";
    }

    // As a roll back by hand would: to the one before, or else to the newest that was served.
    private static KnownSet? WayBack(BackboneScope scope, IReadOnlyList<KnownSet> sets)
    {
        var served = sets.Where(set => set.Map.Note(JobNotes.GivenUp) is null).ToList();
        return served.Find(set => set.Revision == scope.Status.PreviousRevision) ?? served.FirstOrDefault();
    }
}
