using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>The end of a run: one commit that makes a candidate the active set, or one that notes why not.</summary>
internal sealed class Admission(WorkspaceSession session, CancellationToken cancellation)
{
    private WorkspaceState State => session.Workspace.State;

    /// <summary>Makes the candidate the active set.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="lesson">Names the request where it is to teach the skill again.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="trained">What was trained.</param>
    /// <param name="fitted">The candidate.</param>
    public SkillEntry Admit(LearnRequest request, string? lesson, Decision decision, Trained trained, Fitted fitted)
    {
        var before = State.Skills.GetValueOrDefault(request.Skill);
        var datasets = request.DatasetsAfter(before);
        var isSame = before is not null && before.Datasets.SequenceEqual(datasets, StringComparer.Ordinal);
        IReadOnlyList<string> refused = request.Replaces ? [] : [.. (before?.RefusedDatasets ?? []).Where(digest => digest != request.Dataset)];
        var data = session.Data(datasets);
        var entry = new SkillEntry
        {
            Status = SkillStatus.Ready,
            Reason = decision.Reason,
            Datasets = datasets,
            RefusedDatasets = refused,
            RefusedBecause = new((before?.RefusedBecause ?? []).Where(pair => refused.Contains(pair.Key, StringComparer.Ordinal)).ToDictionary(), StringComparer.Ordinal),
            RefusedAttempts = before?.RefusedAttempts ?? [],
            Samples = data.Count,
            Expert = trained.Expert,
            Assessment = decision.Assessment,
            HeadStart = trained.HeadStart,
            BackboneLoss = trained.Evidence[request.Skill].BackboneLoss,
            ServedLoss = isSame ? before!.ServedLoss : null,
            BestLoss = isSame ? before!.BestLoss : null,
        };
        var skills = new SortedDictionary<string, SkillEntry>(State.Skills, StringComparer.Ordinal) { [request.Skill] = entry };
        foreach (var (skill, evidence) in trained.Evidence)
        {
            skills[skill] = skills[skill] with { Evidence = evidence };
        }

        var experts = State.ExpertsWithout(State.LeftBy(trained.Takes(request.Skill)));
        experts[trained.Expert] = Entry(trained, fitted) with { Lesson = lesson ?? (trained.IsUnchanged ? State.Experts[trained.Expert].Lesson : null) };
        Commit(State with { Skills = skills, Experts = experts }, fitted);
        return State.Skills[request.Skill];
    }

    /// <summary>Notes that the candidate would have made a skill worse, an older one or the one that was learnt; what serves stays as it is.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="attempt">Names the request under this policy and set.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="trained">What was trained.</param>
    /// <param name="check">Why it is refused.</param>
    public SkillEntry Refuse(LearnRequest request, string attempt, Decision decision, Trained trained, RegressionReport check)
    {
        var before = State.Skills.GetValueOrDefault(request.Skill) ?? new SkillEntry { Status = SkillStatus.Refused, Reason = "" };
        var entry = before with
        {
            Reason = before.Status == SkillStatus.Ready ? before.Reason : check.Summary,
            RefusedDatasets = [.. before.RefusedDatasets.Union([request.Dataset], StringComparer.Ordinal).Except(before.Datasets, StringComparer.Ordinal)],
            RefusedBecause = new(before.RefusedBecause, StringComparer.Ordinal) { [request.Dataset] = check.Summary },
            RefusedAttempts = [.. before.RefusedAttempts, attempt],
            Assessment = decision.Assessment ?? before.Assessment,
            HeadStart = trained.HeadStart ?? before.HeadStart,
        };
        session.Workspace.Commit(State with { Skills = new(State.Skills, StringComparer.Ordinal) { [request.Skill] = entry } });
        session.Workspace.RemoveLeftovers();
        return entry;
    }

    /// <summary>Commits a state together with the set that serves it, and what the fit and the check say of every expert and skill.</summary>
    public void Commit(WorkspaceState next, Fitted fitted)
    {
        foreach (var (name, maturity) in fitted.Maturities)
        {
            next.Experts[name] = next.Experts[name] with { Maturity = maturity };
        }

        // None reach an expert that is not in the set.
        foreach (var (name, skill) in next.Skills.ToList())
        {
            next.Skills[name] = skill with { RoutedShare = fitted.RoutedShares.TryGetValue(name, out var share) ? share : null };
        }

        foreach (var (name, skill) in next.Skills.Where(pair => pair.Value is { Status: SkillStatus.Ready, Expert: not null }).ToList())
        {
            var served = new EvaluationReport(session.Measure(fitted.Set, name, session.Data(skill.Datasets), cancellation).Losses).Loss;
            next.Skills[name] = skill with { ServedLoss = served, BestLoss = Math.Min(skill.Held(session.Policy.Regression) ?? served, served) };
        }

        session.Workspace.Commit(next with { ActiveSet = fitted.Set });
        session.Workspace.RemoveLeftovers();
        session.SyncLibrary();
    }

    private ExpertEntry Entry(Trained trained, Fitted fitted) => new()
    {
        Digest = trained.Digest,
        Version = trained.Version,
        Mode = trained.Mode,
        Rank = trained.Rank,
        ModeReason = trained.ModeReason,
        RankReason = trained.RankReason,
        StartedFrom = trained.StartedFrom ?? State.Experts.GetValueOrDefault(trained.Expert)?.StartedFrom,
        FullTrialLoss = trained.FullTrialLoss,
        ActivatedTrialLoss = trained.ActivatedTrialLoss,
        Maturity = fitted.Maturities[trained.Expert],
        OwnLoss = trained.OwnLoss,
        Tokens = (State.Experts.GetValueOrDefault(trained.Expert)?.Tokens ?? 0) + trained.Tokens,
    };
}
