using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// The set as it would be after a change: its router is fitted, it is compared with the active set on every older skill and on what
/// was learnt, and only if none got worse does it become the active one.
/// </summary>
internal sealed class Candidate(WorkspaceSession session, CancellationToken cancellation)
{
    // Of an expert's own prompts, where less would have the whole set refused: another skill's expert is better for them than none for all.
    private const double MostHeldBack = 0.25;

    private Workspace Workspace => session.Workspace;

    private WorkspaceState State => Workspace.State;

    /// <summary>
    /// Fits a router to all skills and publishes the set that would serve. Where an expert takes prompts of older skills, so that the set would be refused for it, training samples are asked
    /// what held-out ones are too few to tell, and only then is the expert held back further.
    /// </summary>
    /// <param name="change">What is new in the set.</param>
    /// <param name="carried">The router of a backbone that computes the same, which stays as it is where it knows the set's experts; null for none.</param>
    public Fitted Fit(SetChange change, DynamicHybridRouter? carried = null)
    {
        var experts = change.Experts(State);
        var owners = change.Owners(State);
        using var start = Start(carried, [.. experts.Keys], owners.Values.ToHashSet(StringComparer.Ordinal));
        var skills = new List<SkillFeatures>();
        try
        {
            skills.Add(new SkillFeatures("(backbone)", 0, session.Library.AnchorFeatures()));
            foreach (var (name, expert) in owners)
            {
                skills.Add(Features(name, 1 + start.IndexOf(expert), change));
            }

            skills.AddRange(Orphans(start, owners));
            if (carried is not null && start.Experts.All(expert => expert.IsFitted))
            {
                return Finish(start, RouterTraining.Measure(start, skills), change) with { IsCarried = true };
            }

            var (fitted, isShown) = Fit(session.Policy.RouterTraining);
            return isShown ? fitted : Fit(session.Policy.RouterTraining with { HoldBack = MostHeldBack }).Fitted;
        }
        finally
        {
            skills.ForEach(skill => Free(skill));
        }

        (Fitted Fitted, bool IsShown) Fit(RouterTrainingOptions options)
        {
            var fit = RouterTraining.Fit(start, skills, options, cancellationToken: cancellation);
            using var router = fit.Router;
            var fitted = Finish(router, fit.Report, change);
            if (session.Policy.LanguageLoss is { } language)
            {
                fit = Tuned(session.Load(fitted.Set), options, language);
                using var tuned = fit.Router;
                fitted = Finish(tuned, fit.Report, change);
            }

            var losing = fit.Report.Skills.Where(skill => skill.Taken > 0 && !change.IsReplaced(skill.Skill)).Select(skill => skill.Skill).ToHashSet(StringComparer.Ordinal);
            if (losing.Count == 0)
            {
                return (fitted, true);
            }

            var check = Check(fitted.Set, losing.Contains);

            // A router that was tuned by samples has seen them all, so those can tell nothing.
            var unproven = check.IsAccepted || session.Policy.LanguageLoss is not null ? [] : Unproven(check, fitted.Set, change);
            if (unproven.Count == 0)
            {
                return (fitted, check.IsAccepted);
            }

            fitted = Finish(router, fit.Report, change, new CrossFit(session, session.Load(fitted.Set), skills, options, cancellation).Of(unproven));
            return (fitted, Check(fitted.Set, losing.Contains).IsAccepted);
        }

        RouterFit Tuned(ActiveSet set, RouterTrainingOptions options, RouterLanguageLossOptions language)
        {
            var samples = skills.Where(skill => skill.Owner > 0).ToDictionary(skill => skill.Skill, skill => Samples(skill.Skill, change), StringComparer.Ordinal);
            return samples.Count > 0 && set.Bank is { } bank
                ? RouterFineTuning.Run(session.Model, bank, start, set.Router, skills, samples, options, language, cancellation)
                : throw new InvalidDataException("No expert of the set has a skill, so there are no samples to tune the router by; leave out --language-loss, or teach one with 'dylora learn'.");
        }
    }

    // A row that no skill stands behind has nothing to be told by, and nothing that would keep it: as with an expert that never had one, only who names the expert gets it.
    private DynamicHybridRouter Start(DynamicHybridRouter? carried, IReadOnlyList<string> experts, HashSet<string> owners)
    {
        var owning = experts.Where(owners.Contains);
        return StartingRouter.Having(carried is null ? StartingRouter.OfActive(session, owning) : StartingRouter.Carried(session, carried, owning), experts);
    }

    /// <summary>Compares a fitted candidate with the active set on every skill that is served now.</summary>
    /// <param name="set">The candidate's digest.</param>
    public RegressionReport Check(string set) => Check(set, _ => true);

    /// <summary>The same, and on what has just been learnt: its expert must not answer worse than what answers now, be that the bare backbone.</summary>
    /// <param name="set">The candidate's digest.</param>
    /// <param name="change">What was learnt.</param>
    /// <param name="data">What it was learnt from.</param>
    public RegressionReport Check(string set, SetChange change, SkillData data) => new(
    [
        .. Check(set, skill => !change.IsReplaced(skill)).Rows,
        .. RegressionCheck.Compare(
            [session.Measure(State.ActiveSet, change.Skill!, data, cancellation)], [session.Measure(set, change.Skill!, data, cancellation)], session.Policy.Regression, isLearnt: _ => true).Rows,
    ]);

    private RegressionReport Check(string set, Func<string, bool> isAsked)
    {
        var older = State.Skills.Where(pair => pair.Value is { Status: SkillStatus.Ready, Expert: not null } && isAsked(pair.Key)).ToList();
        if (older.Count == 0)
        {
            return new RegressionReport([]);
        }

        return RouterEvidence.Compare(
            [.. older.Select(pair => session.Measure(State.ActiveSet, pair.Key, session.Data(pair.Value.Datasets), cancellation))],
            [.. older.Select(pair => session.Measure(set, pair.Key, session.Data(pair.Value.Datasets), cancellation))],
            session.Policy.Regression,
            RouterEvidence.Find(Workspace, set),
            skill => State.Skills[skill].Held(session.Policy.Regression));
    }

    // The skills of a check that fails for want of samples alone, if training samples can tell more: the experts that serve now stay, and nothing changes but how prompts are routed.
    private List<string> Unproven(RegressionReport check, string set, SetChange change)
    {
        var after = Workspace.SetOf(set).Document.Digests;
        return session.Active is { Document.Digests: var before } && before.Keys.All(after.ContainsKey) && check.Rows.All(row => row.Verdict != RegressionVerdict.Worse)
            ? [.. check.Unproven.Where(skill => skill != change.Skill && State.Skills[skill].Expert is { } owner && before.TryGetValue(owner, out var digest) && digest == after[owner])]
            : [];
    }

    private Fitted Finish(DynamicHybridRouter fitted, RouterTrainingReport report, SetChange change, RouterEvidence? evidence = null)
    {
        var experts = change.Experts(State);
        var shares = change.Owners(State).Keys.ToDictionary(name => name, name => report.Skills.First(skill => skill.Skill == name).Accuracy, StringComparer.Ordinal);
        var maturities = new SortedDictionary<string, MaturityState>(StringComparer.Ordinal);
        var router = fitted;
        var owned = new List<DynamicHybridRouter>();
        try
        {
            foreach (var expert in fitted.Experts)
            {
                var own = change.Owners(State).Where(pair => pair.Value == expert.Name).Select(pair => shares[pair.Key]).ToList();
                var state = change.Maturity(State, expert.Name, own.Count == 0 ? null : own.Average(), session.Policy.Maturity);
                maturities[expert.Name] = state;
                owned.Add(router = router.WithMaturity(expert.Name, state.Degree));
            }

            var digest = Workspace.Store.Publish(ArtifactKind.Router, folder =>
            {
                router.Save(folder);
                MaturityFile.Write(folder, maturities);
                evidence?.Write(folder);
                WriteMap(folder, change);
            });
            var members = router.Experts.Select(expert => experts[expert.Name] with { Maturity = maturities[expert.Name].Degree }).ToList();
            var set = Workspace.Place(new SetDocument(State.Backbone.Digest, members, digest));
            return new Fitted(set, digest, shares, report.Accuracy, maturities, router.Mode.Kind.ToString());
        }
        finally
        {
            owned.ForEach(each => each.Dispose());
        }
    }

    // What a server tells new prompts by. The workspace's library learns of a skill once its set is admitted, so a map before that would leave the newest out.
    private void WriteMap(string folder, SetChange change)
    {
        if (change.Data is null && session.Library.Skills.Count > 0)
        {
            using var map = NoveltyMap.Of(session.Library);
            map.Save(folder, session.Identity);
        }
    }

    private SkillFeatures Features(string skill, int owner, SetChange change)
    {
        var parts = new List<Tensor>();
        var aside = new List<Tensor>();
        if (session.Library.Find(skill) is not null && !change.IsReplaced(skill))
        {
            parts.Add(session.Library.Features(skill, SkillPart.Training));
            aside.Add(session.Library.Features(skill, SkillPart.HeldOut));
        }

        if (Added(skill, change) is { } data)
        {
            parts.Add(Describe(session.Library.Options.Kept(data.TrainTokens, data.Digest, SkillPart.Training)));
            aside.Add(Describe(data.HeldOutTokens));
        }

        return new SkillFeatures(skill, owner, Joined(parts)) { HeldOut = Joined(aside) };
    }

    // Skills whose expert is in the archive are checked like others, so their prompts are held to where most of them go now.
    private IEnumerable<SkillFeatures> Orphans(DynamicHybridRouter start, IReadOnlyDictionary<string, string> owners)
    {
        if (session.Active is not { } active)
        {
            yield break;
        }

        foreach (var (name, _) in State.Skills.Where(pair => pair.Value is { Status: SkillStatus.Ready, Expert: { } expert } && !owners.ContainsKey(pair.Key) && State.Experts[expert].IsArchived))
        {
            if (session.Library.Find(name) is null)
            {
                continue;
            }

            var features = session.Library.Features(name, SkillPart.Training);
            var goesTo = HostOf(active.Router, features);
            if (goesTo is null || start.Experts.Any(expert => expert.Name == goesTo))
            {
                yield return new SkillFeatures(name, goesTo is null ? 0 : 1 + start.IndexOf(goesTo), features) { HeldOut = session.Library.Features(name, SkillPart.HeldOut) };
            }
            else
            {
                features.Dispose();
            }
        }
    }

    // Who most of the prompts go to; null for the bare backbone.
    private static string? HostOf(DynamicHybridRouter router, Tensor features)
    {
        using var scope = NewDisposeScope();
        var column = router.Probabilities(features).argmax(-1).data<long>().ToArray().GroupBy(column => column).MaxBy(group => group.Count())!.Key;
        return column == 0 ? null : router.Experts[(int)column - 1].Name;
    }

    // Those that the features of a skill are of, in the same order.
    private IReadOnlyList<TokenizedSample> Samples(string skill, SetChange change) =>
    [
        .. change.IsReplaced(skill) ? [] : session.Described(skill),
        .. Added(skill, change) is { } data ? session.Library.Options.Kept(data.TrainTokens, data.Digest, SkillPart.Training) : [],
    ];

    // What a change brings to a skill that it does not have yet, or does not keep.
    private SkillData? Added(string skill, SetChange change) =>
        skill == change.Skill && change.Data is { } data && (change.Replaces || State.Skills.GetValueOrDefault(skill)?.Datasets.Contains(data.Digest, StringComparer.Ordinal) is not true) ? data : null;

    private Tensor Describe(IReadOnlyList<TokenizedSample> samples) =>
        session.Describer.Features([.. samples.Select(FeatureExtractor.PromptOf)], cancellation: cancellation);

    private static Tensor Joined(List<Tensor> parts)
    {
        if (parts.Count == 1)
        {
            return parts[0];
        }

        var joined = cat(parts, 0).DetachFromDisposeScope();
        parts.ForEach(part => part.Dispose());
        return joined;
    }

    private static void Free(SkillFeatures skill)
    {
        skill.Features.Dispose();
        skill.HeldOut?.Dispose();
    }
}

/// <summary>A fitted candidate: everything but the decision to serve it.</summary>
/// <param name="Set">The set's artifact.</param>
/// <param name="Router">The router's artifact.</param>
/// <param name="RoutedShares">For every skill, the share of its held-out prompts that its expert is likeliest for.</param>
/// <param name="Accuracy">Mean of the routing accuracies, anchors included.</param>
/// <param name="Maturities">Of every expert, with the new evidence.</param>
/// <param name="Mode">Dense, Blended or Sparse.</param>
internal sealed record Fitted(
    string Set, string Router, IReadOnlyDictionary<string, double> RoutedShares, double Accuracy, SortedDictionary<string, MaturityState> Maturities, string Mode)
{
    /// <summary>Whether the router is that of the backbone before, row by row.</summary>
    public bool IsCarried { get; init; }
}
