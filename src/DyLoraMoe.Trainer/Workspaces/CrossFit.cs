using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// Asks training samples what a change of the router does, where the held-out ones are too few to tell. The router that serves and the one that may replace it are both fitted again
/// from nothing without a part of a skill's prompts, which they then route; so part for part, until every prompt was routed by routers that had not seen it. Experts have learnt from
/// these samples, which makes one that goes to another expert look worse than a fresh one would be, never better; of an expert that changes they tell nothing.
/// </summary>
/// <param name="session">The session; both sets are loaded.</param>
/// <param name="candidate">The set that may replace the active one. No expert has left it.</param>
/// <param name="skills">What its router was fitted on, by its columns.</param>
/// <param name="options">How it was fitted.</param>
/// <param name="cancellation">Stops between two steps.</param>
internal sealed class CrossFit(WorkspaceSession session, ActiveSet candidate, IReadOnlyList<SkillFeatures> skills, RouterTrainingOptions options, CancellationToken cancellation)
{
    // Each is then a little more than what is held out of the same data.
    private const int Parts = 4;

    private readonly ActiveSet _active = session.Active!;

    /// <summary>Losses of skills' training samples with both sets.</summary>
    /// <param name="names">The skills; their experts are the same in both.</param>
    public RouterEvidence Of(IEnumerable<string> names) => new(
        _active.Digest,
        candidate.Document.Digests,
        new SortedDictionary<string, PairedLosses>(names.ToDictionary(name => name, Losses, StringComparer.Ordinal), StringComparer.Ordinal));

    private PairedLosses Losses(string name)
    {
        var samples = session.Described(name);
        var (before, after) = (new float[samples.Count][], new float[samples.Count][]);
        var whole = skills.Single(skill => skill.Skill == name).Features;
        for (var part = 0; part < Parts; part++)
        {
            using var scope = NewDisposeScope();
            var rows = Enumerable.Range(0, samples.Count).ToLookup(row => row % Parts == part);
            var (aside, rest) = (whole.index_select(0, tensor([.. rows[true].Select(row => (long)row)])), whole.index_select(0, tensor([.. rows[false].Select(row => (long)row)])));
            IReadOnlyList<SkillFeatures> without = [.. skills.Select(skill => skill.Skill == name ? skill with { Features = rest } : skill)];
            using var first = Fit(StartingRouter.Unfitted(session, _active.Router.Options, Names(_active)), without);
            using var second = Fit(StartingRouter.Having(first.WithOptions(candidate.Router.Options), Names(candidate)), without);
            Put(before, rows[true], first, _active, aside);
            Put(after, rows[true], second, candidate, aside);
        }

        return new PairedLosses(
            _active.Evaluate(session.Evaluator, samples, before, cancellation).Samples,
            candidate.Evaluate(session.Evaluator, samples, after, cancellation).Samples);
    }

    private DynamicHybridRouter Fit(DynamicHybridRouter start, IReadOnlyList<SkillFeatures> of)
    {
        using var _ = start;
        var columns = start.Experts.Select((expert, index) => (expert.Name, Column: index + 1)).ToDictionary(pair => pair.Name, pair => pair.Column, StringComparer.Ordinal);
        var known = of
            .Select(skill => skill with { Owner = skill.Owner == 0 ? 0 : columns.GetValueOrDefault(candidate.Router.Experts[skill.Owner - 1].Name, -1) })
            .Where(skill => skill.Owner >= 0)
            .ToList();
        return RouterTraining.Fit(start, known, options, cancellationToken: cancellation).Router;
    }

    private static void Put(float[][] weights, IEnumerable<int> rows, DynamicHybridRouter router, ActiveSet set, Tensor features)
    {
        // Its experts are as mature as in the set that it stands for.
        using var mature = router.WithMaturities(set.Router.Experts);
        foreach (var (row, weight) in rows.Zip(set.WeightsBy(mature, features)))
        {
            weights[row] = weight;
        }
    }

    private static IEnumerable<string> Names(ActiveSet set) => set.Router.Experts.Select(expert => expert.Name);
}
