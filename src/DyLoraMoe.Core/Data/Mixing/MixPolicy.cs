namespace DyLoraMoe.Core.Data.Mixing;

/// <summary>
/// How many of a run's tokens are new, how many are replay of earlier skills, and how many are dreams, in whole percents that add to 100.
/// Dreams are added to real data and never replace it: they are at most as many as the real tokens, since models that learn from ever more
/// of what models made lose the tails of the real data (Shumailov et al., https://arxiv.org/abs/2305.17493), and those that keep the real
/// data do not (Gerstgrasser et al., https://arxiv.org/abs/2404.01413).
/// </summary>
public sealed record MixPolicy
{
    /// <summary>A policy.</summary>
    /// <param name="fresh">Percent of new tokens, at least 1.</param>
    /// <param name="replay">Percent of replayed tokens, shared equally by the earlier skills.</param>
    /// <param name="dreams">Percent of dreamt tokens, at most 50.</param>
    /// <exception cref="ArgumentException">The percents are not such.</exception>
    public MixPolicy(int fresh, int replay, int dreams)
    {
        if (!IsMixture(fresh, replay, dreams))
        {
            throw new ArgumentException(
                $"Expected whole percents that add to 100, at least 1 of them new and at most 50 dreams, found {fresh} new, {replay} replay and {dreams} dreams.");
        }

        (Fresh, Replay, Dreams) = (fresh, replay, dreams);
    }

    /// <summary>Percent of new tokens.</summary>
    public int Fresh { get; }

    /// <summary>Percent of replayed tokens.</summary>
    public int Replay { get; }

    /// <summary>Percent of dreamt tokens.</summary>
    public int Dreams { get; }

    /// <summary>Whether percents make a policy.</summary>
    /// <param name="fresh">Percent of new tokens.</param>
    /// <param name="replay">Percent of replayed tokens.</param>
    /// <param name="dreams">Percent of dreamt tokens.</param>
    public static bool IsMixture(int fresh, int replay, int dreams) => fresh >= 1 && replay >= 0 && dreams is >= 0 and <= 50 && (long)fresh + replay + dreams == 100;

    /// <summary>
    /// Opens the mixture. The share of replay or dreams that there are none of goes to the new samples; without dreams the batches are those of
    /// <see cref="ReplaySource.Open"/>.
    /// </summary>
    /// <param name="fresh">The new samples; at least one.</param>
    /// <param name="replay">Samples of every earlier skill; one list a skill, none for the first skill.</param>
    /// <param name="dreams">Generated samples; may be empty.</param>
    /// <param name="options">Shape and seed of the batches.</param>
    public IBatchSource Open(
        IReadOnlyList<TokenizedSample> fresh, IReadOnlyList<IReadOnlyList<TokenizedSample>> replay, IReadOnlyList<TokenizedSample> dreams, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(fresh);
        ArgumentNullException.ThrowIfNull(replay);
        ArgumentNullException.ThrowIfNull(dreams);
        if (Dreams == 0 || dreams.Count == 0)
        {
            return ReplaySource.Open(fresh, replay, Replay, options);
        }

        var replayed = replay.Count == 0 ? 0 : Replay;
        IEnumerable<MixPart> earlier = replayed == 0 ? [] : replay.Select(list => new MixPart(list, (double)replayed / replay.Count));
        return new ReplaySource([new MixPart(fresh, 100 - replayed - Dreams), .. earlier, new MixPart(dreams, Dreams)], options);
    }
}
