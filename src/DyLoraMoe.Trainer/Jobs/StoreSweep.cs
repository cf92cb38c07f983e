using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Goes through a store and removes, counting what that frees.</summary>
/// <param name="store">The artifacts.</param>
/// <param name="derived">What was computed from them.</param>
/// <param name="input">What stays and what was released.</param>
/// <param name="asOf">What was published later may be referred to without being listed.</param>
/// <param name="say">Told of every folder that is removed, and of what has to stay.</param>
internal sealed class StoreSweep(ArtifactStore store, DerivedStore derived, CollectInput input, DateTimeOffset asOf, Action<string> say)
{
    private readonly DateTimeOffset _since = asOf - TimeSpan.FromSeconds(input.GraceSeconds);
    private readonly HashSet<string> _released = [.. input.Released];

    /// <summary>Folders that were removed.</summary>
    public int Removed { get; private set; }

    /// <summary>Their size in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Released artifacts that nothing refers to and that were published too late to be removed.</summary>
    public int Left { get; private set; }

    /// <summary>Artifacts of a kind that are not among those to stay, nor from before the Backbone.</summary>
    public void Artifacts(ArtifactKind kind, IReadOnlyList<string> stay)
    {
        var needed = stay.Select(ArtifactDigest.Hex).ToHashSet(StringComparer.Ordinal);
        foreach (var digest in store.List(kind).Where(digest => !needed.Contains(digest[ArtifactDigest.Prefix.Length..])))
        {
            var isReleased = _released.Contains(digest);
            if (input.From is { } from && !isReleased && !store.IsYounger(kind, digest, from))
            {
                continue;
            }

            Count($"{kind} {digest}", store.RemoveIfOlder(kind, digest, isReleased ? asOf : _since));
            Left += isReleased && store.Contains(kind, digest) ? 1 : 0;
        }
    }

    /// <summary>What was computed from artifacts of which one is gone, or with other weights than the Backbone's source has.</summary>
    /// <param name="backbone">The backbone that is served. Once it has grown nobody says what its source has, and what was computed with that stays for a way back.</param>
    public void Derived(BackboneInput backbone)
    {
        HashSet<string> artifacts = [.. Enum.GetValues<ArtifactKind>().SelectMany(store.List)];
        var grown = store.List(ArtifactKind.Backbone).ToHashSet(StringComparer.Ordinal);
        var source = backbone.Artifact is null ? backbone.Digest : null;
        foreach (var kind in Enum.GetValues<DerivedKind>())
        {
            foreach (var entry in derived.List(kind).Where(entry => !IsOfUse(entry)))
            {
                Count($"{kind} {entry.Name}", derived.RemoveIfOlder(kind, entry.Name, entry.From?.Needs.Any(_released.Contains) == true ? asOf : _since));
            }
        }

        bool IsOfUse(DerivedEntry entry) =>
            entry.From is { } from && from.Needs.All(artifacts.Contains) && (source is null || from.Backbone == source || from.Needs.Any(grown.Contains));
    }

    /// <summary>Folders of jobs that are not among those that may go on.</summary>
    public void Checkpoints(IReadOnlyList<string> jobs)
    {
        foreach (var job in store.Jobs().Except(jobs, StringComparer.Ordinal))
        {
            Count($"checkpoints of {job}", store.RemoveJobIfOlder(job, _since));
        }
    }

    /// <summary>What killed processes left half-written.</summary>
    public void Abandoned()
    {
        var (removed, bytes) = store.RemoveAbandoned(_since, say);
        Removed += removed;
        Bytes += bytes;
    }

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
