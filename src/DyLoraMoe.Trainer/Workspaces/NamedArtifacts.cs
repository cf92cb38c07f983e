using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What a state needs of a store: the set that serves, experts, those of the archive and what undoes a merge included, and data.</summary>
internal static class NamedArtifacts
{
    /// <summary>Removes everything else, such as candidates that were refused, sets that served before, and data that were replaced.</summary>
    /// <param name="store">The store, which is the state's alone.</param>
    /// <param name="state">The state.</param>
    public static void RemoveOthers(ArtifactStore store, WorkspaceState state)
    {
        var active = state.ActiveSet is { } set ? SetDocument.Open(store, set) : null;
        Keep(ArtifactKind.Set, [state.ActiveSet]);
        Keep(ArtifactKind.Router, [active?.Router]);
        Keep(ArtifactKind.Expert, [.. active?.Experts.Select(member => member.Digest) ?? [], .. state.Experts.Values.SelectMany(Versions)]);
        Keep(ArtifactKind.Dataset, [.. state.Skills.Values.SelectMany(skill => skill.Datasets.Concat(skill.RefusedDatasets))]);

        void Keep(ArtifactKind kind, HashSet<string?> named)
        {
            foreach (var other in store.List(kind).Where(digest => !named.Contains(digest)))
            {
                store.Remove(kind, other);
            }
        }
    }

    private static IEnumerable<string> Versions(ExpertEntry expert) => expert.Merged is { Before: var before } ? [expert.Digest, .. Versions(before)] : [expert.Digest];
}
