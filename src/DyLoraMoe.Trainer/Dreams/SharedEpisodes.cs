using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;

namespace DyLoraMoe.Trainer.Dreams;

/// <summary>Episodes of a memory that a night may use: those that all users share, for weights answer everybody. They are read whenever they are asked for, since whoever deletes one means it.</summary>
/// <param name="store">The memory.</param>
/// <param name="rule">Which of them are worth it.</param>
internal sealed class SharedEpisodes(EpisodeStore store, PromotionRule rule)
{
    /// <summary>A memory in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rule">Which episodes are worth it.</param>
    public static SharedEpisodes In(string folder, PromotionRule rule) => new(new EpisodeStore(new EpisodeStoreOptions { Folder = folder }, TimeProvider.System), rule);

    /// <summary>The episodes that are worth it now, the highest score first.</summary>
    public IReadOnlyList<Episode> Chosen() => rule.Choose(Shared, TimeProvider.System.GetUtcNow());

    /// <summary>An episode by its name; null when it is gone.</summary>
    public Episode? Find(string id) => Shared.FirstOrDefault(episode => episode.Id == id);

    /// <summary>Whether episodes are there with the answers that they had.</summary>
    public bool AreThere(IReadOnlyCollection<Episode> episodes) => store.StillThere(episodes).Count == episodes.Count;

    private IEnumerable<Episode> Shared => store.Episodes.Where(episode => episode.User is null);
}
