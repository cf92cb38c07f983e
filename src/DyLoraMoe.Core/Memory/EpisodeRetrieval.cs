namespace DyLoraMoe.Core.Memory;

/// <summary>Who asks what.</summary>
/// <param name="Owner">Name of the API key.</param>
/// <param name="User">The user; null for one who names none and gets what is shared.</param>
/// <param name="Prompt">The question.</param>
public sealed record EpisodeQuery(string Owner, string? User, string Prompt);

/// <summary>An episode that is like a question.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Similarity">Cosine of their features; 1 for the question itself.</param>
public sealed record EpisodeHit(Episode Episode, double Similarity);

/// <summary>
/// Finds episodes for a question: the one of that very question, or those whose questions are like it. A user's own come before shared ones,
/// and another user's never come. Safe to use from several threads.
/// </summary>
/// <param name="store">The episodes.</param>
/// <param name="space">Which backbone and features are served; embeddings of others are not compared.</param>
/// <param name="scale">Says what is alike; the retrieval's own from now on.</param>
public sealed class EpisodeRetrieval(EpisodeStore store, string space, FeatureScale scale)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (byte[] Packed, float[] Features)> _features = new(StringComparer.Ordinal);

    /// <summary>The episode of this very question; null when there is none.</summary>
    /// <param name="query">Who asks what.</param>
    public Episode? Exact(EpisodeQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        string?[] users = query.User is null ? [null] : [query.User, null];
        var episodes = store.Episodes;
        return users.Select(user => Episode.IdOf(query.Owner, user, query.Prompt)).Select(id => episodes.FirstOrDefault(episode => episode.Id == id)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Whether the asker has any episode at all, so that features are worth computing.</summary>
    /// <param name="query">Who asks what.</param>
    public bool HasAny(EpisodeQuery query) => store.Episodes.Any(episode => IsFor(query, episode));

    /// <summary>The episodes whose questions are like this one, the most alike first.</summary>
    /// <param name="query">Who asks what.</param>
    /// <param name="features">Features of the question, F numbers.</param>
    /// <param name="most">Most episodes.</param>
    public IReadOnlyList<EpisodeHit> Near(EpisodeQuery query, float[] features, int most)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(features);
        var episodes = store.Episodes;
        lock (_lock)
        {
            Know(episodes);
            scale.Observe(features);
            if (scale.Threshold is not { } threshold)
            {
                return [];
            }

            return [.. episodes
                .Where(episode => IsFor(query, episode) && _features.ContainsKey(episode.Id))
                .Select(episode => new EpisodeHit(episode, scale.Cosine(features, _features[episode.Id].Features)))
                .Where(hit => hit.Similarity >= threshold)
                .OrderByDescending(hit => hit.Similarity)
                .ThenBy(hit => hit.Episode.Id, StringComparer.Ordinal)
                .Take(most)];
        }
    }

    private static bool IsFor(EpisodeQuery query, Episode episode) => episode.Owner == query.Owner && (episode.User is null || episode.User == query.User);

    private void Know(IReadOnlyList<Episode> episodes)
    {
        var present = episodes.Where(episode => episode.Space == space && episode.Embedding.Length > 0).ToDictionary(episode => episode.Id, StringComparer.Ordinal);
        foreach (var gone in _features.Keys.Where(id => !present.ContainsKey(id)).ToList())
        {
            _features.Remove(gone);
        }

        foreach (var (id, episode) in present)
        {
            if (!_features.TryGetValue(id, out var known) || !known.Packed.AsSpan().SequenceEqual(episode.Embedding))
            {
                _features[id] = (episode.Embedding, EpisodeEmbedding.Unpack(episode.Embedding));
                scale.Observe(_features[id].Features);
            }
        }
    }
}
