using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// Changes to a set that bring no new data: another fit of the router, two experts as one, unused experts to the archive and back.
/// Each ends with the same check as learning does, and with one commit or none.
/// </summary>
internal sealed class Maintenance(WorkspaceSession session, CancellationToken cancellation)
{
    private readonly Candidate _candidate = new(session, cancellation);

    private WorkspaceState State => session.Workspace.State;

    /// <summary>Fits the router again on what is stored of every skill, and serves it if no skill gets worse.</summary>
    public SetTrial FitRouter()
    {
        RequireExperts();
        return Settle(SetChange.None, State);
    }

    /// <summary>Compares a published set with the active one; nothing is changed.</summary>
    /// <param name="set">The set's digest.</param>
    public RegressionReport Check(string set)
    {
        RequireExperts();
        return _candidate.Check(set);
    }

    /// <summary>Compares the active set with itself as it would be with other weights for one expert; nothing is changed.</summary>
    /// <param name="expert">The expert.</param>
    /// <param name="folder">The weights, in PEFT layout.</param>
    public RegressionReport CheckReplacement(string expert, string folder)
    {
        _ = Required(expert);
        var store = session.Workspace.Store;
        var (experts, sets) = (store.List(ArtifactKind.Expert), store.List(ArtifactKind.Set));
        using var adapter = PeftFolder.Load(folder, session.Model);
        var active = session.Workspace.SetOf(State.ActiveSet!).Document;
        var digest = session.Publish(adapter);
        var members = active.Experts.Select(member => member.Name == expert
            ? member with { Digest = digest, Mode = adapter.Config.Mode, Rank = adapter.Config.Rank }
            : member).ToList();
        var set = (active with { Experts = members }).Publish(store);
        try
        {
            return _candidate.Check(set);
        }
        finally
        {
            // Content that was there before is another expert's too.
            if (!sets.Contains(set))
            {
                session.Forget(set);
                store.Remove(ArtifactKind.Set, set);
            }

            if (!experts.Contains(digest))
            {
                store.Remove(ArtifactKind.Expert, digest);
            }
        }
    }

    /// <summary>Whether an expert went to the archive by a merge into another one.</summary>
    /// <param name="kept">The expert whose name stayed.</param>
    /// <param name="merged">The expert that went to the archive.</param>
    public bool IsMerged(string kept, string merged) => State.Experts.GetValueOrDefault(merged) is { IsArchived: true, Merged.Into: var into } && into == kept;

    /// <summary>Whether an expert is in the set.</summary>
    /// <param name="expert">Its name.</param>
    public bool IsServed(string expert) => State.Experts.GetValueOrDefault(expert) is { IsArchived: false };

    /// <summary>Tries two experts as one, and serves that if neither's skills nor any other get worse.</summary>
    /// <param name="kept">The expert whose name stays.</param>
    /// <param name="merged">The expert that goes to the archive.</param>
    /// <param name="options">Rank and distillation; the defaults when null.</param>
    public (AdapterMergeResult Merge, SetTrial? Trial) Merge(string kept, string merged, AdapterMergeOptions? options = null)
    {
        var (first, second) = (Required(kept), Required(merged));
        using var one = session.Load(first);
        using var other = session.Load(second);
        options = (options ?? new AdapterMergeOptions()) with { Context = session.Policy.Data.Context, Budget = session.Policy.Regression };
        var result = new AdapterMergeTrial(session.Model, options).Run(SkillOf(kept, one), SkillOf(merged, other), cancellation);
        if (result.Adapter is not { } adapter)
        {
            return (result, null);
        }

        using var _ = adapter;
        var digest = session.Publish(adapter);
        var moved = State.Skills.Where(pair => pair.Value.Expert == merged).ToDictionary(pair => pair.Key, _ => kept, StringComparer.Ordinal);
        var served = State.Skills.Where(pair => pair.Value.Expert == kept || pair.Value.Expert == merged);
        var data = served.Select(pair => (pair.Key, Data: session.Data(pair.Value.Datasets))).ToList();
        var evidence = session.Evidence(adapter, data, cancellation);
        var (backbone, own) = (Mean(evidence, skill => skill.Backbone), Mean(evidence, skill => skill.Expert));
        var entry = first with { Digest = digest, Version = first.Version + 1, Rank = adapter.Config.Rank, RankReason = result.Reason, Lesson = null, OwnLoss = own };
        var change = new SetChange
        {
            Expert = new SetExpert(kept, digest, entry.Mode, entry.Rank, first.Maturity.Degree),
            Evidence = first.Maturity.Evidence with
            {
                BackboneLoss = backbone,
                ExpertLoss = own,
                SamplesSeen = MaturityEvidence.SamplesAfter(
                    first.Maturity.Evidence.SamplesSeen, second.Maturity.Evidence.SamplesSeen, SkillData.Different(data.Select(skill => skill.Data))),
            },
            Leaving = new HashSet<string>(StringComparer.Ordinal) { merged },
            Moved = moved,
        };
        var skills = new SortedDictionary<string, SkillEntry>(State.Skills, StringComparer.Ordinal);
        foreach (var (skill, figures) in evidence)
        {
            skills[skill] = skills[skill] with { Expert = kept, Evidence = figures };
        }

        var gone = second with
        {
            IsArchived = true,
            ArchivedBecause = $"merged into '{kept}'",
            Merged = new MergeRecord(kept, digest, first, [.. moved.Keys.Order(StringComparer.Ordinal)]),
        };
        return (result, Settle(change, State with
        {
            Skills = skills,
            Experts = new(State.Experts, StringComparer.Ordinal) { [kept] = entry, [merged] = gone },
        }));
    }

    /// <summary>Decides for every expert whether it goes to the archive, by its use and by what its skills would lose; archives those that do.</summary>
    /// <param name="usage">Requests that each expert got; the bare backbone under its own name or any other name.</param>
    /// <param name="policy">The limits.</param>
    public IReadOnlyDictionary<string, PruningDecision> Prune(IReadOnlyDictionary<string, long> usage, PruningPolicy policy)
    {
        RequireExperts();
        var requests = usage.Values.Sum();
        var decisions = new SortedDictionary<string, PruningDecision>(StringComparer.Ordinal);
        foreach (var (name, _) in State.Experts.Where(pair => !pair.Value.IsArchived).ToList())
        {
            var evidence = new PruningEvidence().After(usage.GetValueOrDefault(name), requests);
            var change = new SetChange { Leaving = new HashSet<string>(StringComparer.Ordinal) { name } };
            if (policy.Decide(evidence with { AblationLoss = 0 }).Archives)
            {
                // Only for one that is hardly used is it worth the passes.
                evidence = evidence with { AblationLoss = AblationLoss(name, change) };
            }

            var decision = policy.Decide(evidence);
            if (decision.Archives)
            {
                var archived = State with { Experts = new(State.Experts, StringComparer.Ordinal) { [name] = State.Experts[name] with { IsArchived = true, ArchivedBecause = decision.Reason } } };
                var trial = Settle(change, archived);
                decision = trial.IsAccepted ? decision : decision with { Archives = false, IsRefused = true, Reason = $"{decision.Reason}, but without it the set was {trial.Check.Summary}" };
            }

            decisions[name] = decision;
        }

        return decisions;
    }

    /// <summary>
    /// Takes an expert back from the archive. One that was merged gets its skills back from the expert that has them now, and the one that took them becomes what it was, unless it has learnt
    /// since.
    /// </summary>
    /// <param name="expert">Its name.</param>
    public SetTrial Restore(string expert)
    {
        if (State.Experts.GetValueOrDefault(expert) is not { IsArchived: true } entry)
        {
            throw new UsageException($"There is no archived expert '{expert}'; 'dylora skills' lists what is archived.");
        }

        var heir = HeirOf(expert);
        var back = State.Skills.Where(pair => pair.Value.Expert == expert || (pair.Value.Expert == heir && entry.Merged is { } merge && merge.Skills.Contains(pair.Key))).ToDictionary();
        if (back.Count == 0)
        {
            throw new InvalidDataException($"Other experts have the skills of '{expert}' now, so no prompt would be for it and it stays in the archive.");
        }

        var moved = back.Keys.ToDictionary(skill => skill, _ => expert, StringComparer.Ordinal);
        var left = State.LeftBy(moved);
        var (experts, skills) = (State.ExpertsWithout(left), new SortedDictionary<string, SkillEntry>(State.Skills, StringComparer.Ordinal));
        Take(expert, entry with { IsArchived = false, ArchivedBecause = null, Merged = null }, back);
        var change = new SetChange
        {
            Returning = new HashSet<string>(StringComparer.Ordinal) { expert },
            Leaving = left.Keys.ToHashSet(StringComparer.Ordinal),
            Moved = moved,
        };
        if (entry.Merged is { Into: var into, Before: var before, Digest: var digest } && experts[into] is { IsArchived: false } kept && kept.Digest == digest)
        {
            Take(into, before with { Version = kept.Version + 1, Tokens = kept.Tokens }, State.Skills.Where(pair => pair.Value.Expert == into && !back.ContainsKey(pair.Key)));
            change = change with
            {
                Expert = new SetExpert(into, before.Digest, before.Mode, before.Rank, before.Maturity.Degree),
                Known = new Dictionary<string, KnownMaturity> { [into] = new(before.Maturity, before.Maturity.Evidence) },
            };
        }

        return Settle(change, State with { Skills = skills, Experts = experts });

        void Take(string name, ExpertEntry owner, IEnumerable<KeyValuePair<string, SkillEntry>> own)
        {
            using var adapter = session.Load(owner);
            var evidence = session.Evidence(adapter, own.Select(pair => (pair.Key, session.Data(pair.Value.Datasets))), cancellation);
            foreach (var (skill, figures) in evidence)
            {
                skills[skill] = skills[skill] with { Expert = name, Evidence = figures };
            }

            experts[name] = evidence.Count == 0 ? owner : owner with { OwnLoss = Mean(evidence, skill => skill.Expert) };
        }
    }

    // Who has the skills of an archived expert, through as many merges as there were.
    private string HeirOf(string expert)
    {
        while (State.Experts[expert] is { IsArchived: true, Merged.Into: { } next })
        {
            expert = next;
        }

        return expert;
    }

    private SetTrial Settle(SetChange change, WorkspaceState next)
    {
        var fitted = _candidate.Fit(change);
        var check = _candidate.Check(fitted.Set);
        if (check.IsAccepted)
        {
            new Admission(session, cancellation).Commit(next, fitted);
        }

        return new SetTrial(fitted, check);
    }

    // What its skills lose on their held-out data when the router may not give them to it.
    private double AblationLoss(string expert, SetChange change)
    {
        var skills = State.Skills.Where(pair => pair.Value is { Status: SkillStatus.Ready } skill && skill.Expert == expert).ToList();
        if (skills.Count == 0)
        {
            return 0;
        }

        var without = _candidate.Fit(change).Set;
        return skills.Max(pair => Loss(without, pair.Key, pair.Value) - Loss(State.ActiveSet, pair.Key, pair.Value));
    }

    private double Loss(string? set, string skill, SkillEntry entry) =>
        new EvaluationReport(session.Measure(set, skill, session.Data(entry.Datasets), cancellation).Losses).Loss;

    private MergeSkill SkillOf(string expert, LoraAdapter adapter)
    {
        var data = State.Skills.Values.Where(skill => skill.Expert == expert).Select(skill => session.Data(skill.Datasets)).ToList();
        return new MergeSkill(expert, adapter, [.. data.SelectMany(skill => skill.TrainTokens)], [.. data.SelectMany(skill => skill.HeldOutTokens)]);
    }

    private ExpertEntry Required(string expert)
    {
        RequireExperts();
        return State.Experts.GetValueOrDefault(expert) is { IsArchived: false } entry
            ? entry
            : throw new UsageException($"There is no expert '{expert}' in the set; it has {string.Join(", ", State.Experts.Where(pair => !pair.Value.IsArchived).Select(pair => pair.Key))}.");
    }

    private void RequireExperts()
    {
        if (State.ActiveSet is null)
        {
            throw new InvalidDataException("The workspace has no experts yet; 'dylora learn' makes some.");
        }
    }

    private static double Mean(SortedDictionary<string, ExpertEvidence> evidence, Func<ExpertEvidence, IReadOnlyList<double>> of) =>
        evidence.Values.Sum(skill => of(skill).Sum()) / evidence.Values.Sum(skill => skill.Tokens.Sum());
}

/// <summary>A candidate set and what the check says of it.</summary>
/// <param name="Fitted">The candidate.</param>
/// <param name="Check">The comparison with the set that was active.</param>
internal sealed record SetTrial(Fitted Fitted, RegressionReport Check)
{
    /// <summary>Whether it serves now.</summary>
    public bool IsAccepted => Check.IsAccepted;
}
