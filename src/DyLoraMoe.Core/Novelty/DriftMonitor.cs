using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Watches a stream of requests and raises a flag when recent ones have drifted away from every known skill. Single odd requests
/// cancel out; a lasting shift adds up. Remembers the odd ones and groups them into skills that could be taught. Not thread-safe.
/// </summary>
/// <remarks>Shapes: B requests, F features, K dimensions.</remarks>
public sealed class DriftMonitor
{
    private readonly NoveltyMap _map;
    private readonly DriftOptions _options;

    /// <summary>A monitor.</summary>
    /// <param name="map">What is known; stays the caller's.</param>
    /// <param name="novelty">Made from the same map; its held-out scores set the limit.</param>
    /// <param name="options">Rates and limits; the defaults when null.</param>
    /// <exception cref="ArgumentException">The map knows no skill, so nothing can drift away from it.</exception>
    public DriftMonitor(NoveltyMap map, PromptNovelty novelty, DriftOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(novelty);
        if (novelty.NullScores.Count == 0)
        {
            throw new ArgumentException("The map knows no skill yet, so there is nothing that requests could drift away from. Add a skill first.", nameof(novelty));
        }

        _map = map;
        _options = options ?? new DriftOptions();
        _options.Validate();
        Limit = CusumThreshold.For(novelty.NullScores, _options.Reference, _options.RequestsBetweenFalseAlarms, _options.Seed);
    }

    /// <summary>Where it stands.</summary>
    public DriftState State { get; private set; } = new();

    /// <summary>The sum beyond which a flag goes up.</summary>
    public double Limit { get; }

    /// <summary>Takes in requests, in their order.</summary>
    /// <param name="ids">The caller's names for them.</param>
    /// <param name="features">Their features, (B, F).</param>
    /// <param name="figures">What <see cref="PromptNovelty"/> said about them.</param>
    /// <returns>Whether any of them raised a flag; the sum starts again after it.</returns>
    public bool Observe(IReadOnlyList<string> ids, Tensor features, IReadOnlyList<PromptFigures> figures)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(figures);
        if (ids.Count != figures.Count || features.shape[0] != figures.Count)
        {
            throw new ArgumentException($"Expected one id and one row of features per figure; found {ids.Count} ids, {features.shape[0]} rows and {figures.Count} figures.", nameof(ids));
        }

        var before = State.Flags;
        foreach (var figure in figures)
        {
            State = Add(State, figure.Score);
        }

        Remember(ids, features, figures);
        return State.Flags > before;
    }

    /// <summary>Groups the remembered requests by likeness; the largest group first. Groups about a known skill's own mean are left out: every skill has odd prompts.</summary>
    /// <param name="proposed">Centroids of earlier proposals, K numbers each; groups about them are left out too. None when null.</param>
    /// <exception cref="ArgumentException">A centroid has another number of dimensions.</exception>
    public IReadOnlyList<ProposedSkill> Propose(IReadOnlyList<IReadOnlyList<float>>? proposed = null)
    {
        if (proposed?.FirstOrDefault(centroid => centroid.Count != _map.Dimensions) is { } odd)
        {
            throw new ArgumentException($"Expected centroids of {_map.Dimensions} numbers, found one of {odd.Count}: it is another map's.", nameof(proposed));
        }

        if (State.Recent.Count < _options.LeastGroup)
        {
            return [];
        }

        return new RequestGrouping(_map).Of(State.Recent, _options.LeastGroup, proposed ?? []);
    }

    private DriftState Add(DriftState state, double score)
    {
        var sum = Math.Max(0, state.Sum + score - _options.Reference);
        var number = state.Requests + 1;
        return sum > Limit
            ? state with { Sum = 0, Requests = number, Flags = state.Flags + 1 }
            : state with { Sum = sum, Requests = number };
    }

    private void Remember(IReadOnlyList<string> ids, Tensor features, IReadOnlyList<PromptFigures> figures)
    {
        var novel = Enumerable.Range(0, ids.Count).Where(row => figures[row].LiesBeyond(_options.NovelBelow)).ToArray();
        if (novel.Length == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = features.index_select(0, tensor(Array.ConvertAll(novel, row => (long)row), device: features.device)).cpu();
        var vectors = _map.Projection.Of(rows).to_type(ScalarType.Float32);                             // (b, F) -> (b, K)
        var added = novel.Select((row, index) => new NovelRequest(ids[row], figures[row].PValue, vectors[index].data<float>().ToArray()));
        State = State with { Recent = [.. State.Recent.Concat(added).TakeLast(_options.Remembered)] };
    }
}
