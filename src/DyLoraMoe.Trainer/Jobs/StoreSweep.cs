using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Goes through a store and removes, counting what that frees.</summary>
internal sealed class StoreSweep(ArtifactStore store, DerivedStore derived, DateTimeOffset since, Action<string> say)
{
    /// <summary>Folders that were removed.</summary>
    public int Removed { get; private set; }

    /// <summary>Their size in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Artifacts of a kind that are not among those to stay.</summary>
    public void Artifacts(ArtifactKind kind, IReadOnlyList<string> stay)
    {
        var needed = stay.Select(ArtifactDigest.Hex).ToHashSet(StringComparer.Ordinal);
        foreach (var digest in store.List(kind).Where(digest => !needed.Contains(digest[ArtifactDigest.Prefix.Length..])))
        {
            Count($"{kind} {digest}", store.RemoveIfOlder(kind, digest, since));
        }
    }

    /// <summary>What was computed from artifacts of which one is gone, or with another backbone.</summary>
    /// <param name="backbone">Digest of the backbone; null when it is not known, and then none is another.</param>
    public void Derived(string? backbone)
    {
        HashSet<string> artifacts = [.. store.List(ArtifactKind.Dataset), .. store.List(ArtifactKind.Expert), .. store.List(ArtifactKind.Router)];
        foreach (var kind in Enum.GetValues<DerivedKind>())
        {
            foreach (var entry in derived.List(kind).Where(entry => !IsOfUse(entry, backbone, artifacts)))
            {
                Count($"{kind} {entry.Name}", derived.RemoveIfOlder(kind, entry.Name, since));
            }
        }
    }

    /// <summary>Folders of jobs that are not among those that may go on.</summary>
    public void Checkpoints(IReadOnlyList<string> jobs)
    {
        foreach (var job in store.Jobs().Except(jobs, StringComparer.Ordinal))
        {
            Count($"checkpoints of {job}", store.RemoveJobIfOlder(job, since));
        }
    }

    /// <summary>What killed processes left half-written.</summary>
    public void Abandoned()
    {
        var (removed, bytes) = store.RemoveAbandoned(since);
        Removed += removed;
        Bytes += bytes;
    }

    private static bool IsOfUse(DerivedEntry entry, string? backbone, HashSet<string> artifacts) =>
        entry.From is { } from && (backbone is null || from.Backbone == backbone) && from.Needs.All(artifacts.Contains);

    private void Count(string what, long? freed)
    {
        if (freed is { } bytes)
        {
            say($"removed {what}");
            Removed++;
            Bytes += bytes;
        }
    }
}
