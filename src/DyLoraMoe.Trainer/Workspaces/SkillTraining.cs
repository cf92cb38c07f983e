using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>The training of one skill: what was decided on, and what is left when the result is refused. Publishes experts, and changes nothing else.</summary>
internal sealed class SkillTraining(WorkspaceSession session, Action<string> say, RunSettings watch, CancellationToken cancellation)
{
    private const double LeastShareToProbe = -0.5;

    private Workspace Workspace => session.Workspace;

    private WorkspaceState State => Workspace.State;

    private ExpertPolicy Policy => session.Policy.Experts;

    /// <summary>
    /// Trains what was decided on: nothing, an extension, or a new expert, unless another turns out to have a head start. An expert that has not had the skill
    /// before learns from all of the skill's data.
    /// </summary>
    /// <param name="request">What to learn.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="folder">Where checkpoints go.</param>
    public Trained Train(LearnRequest request, Decision decision, string folder)
    {
        var settings = watch with { CheckpointFolder = Path.Combine(folder, "checkpoints") };
        var manager = new ExpertManager(session.Model, Policy);
        switch (decision.Outcome)
        {
            case NoveltyOutcome.Covered when !HasMoreToLearn(decision.Expert!):
                return Unchanged(request, decision.Expert!);
            case NoveltyOutcome.Covered:
                say($"expert '{decision.Expert}' covers the data and has not learnt its skill whole: it goes on learning");
                return Extend(manager, request, decision.Expert!, spent: 0, settings, headStart: null, budgetPercent: 100);
            case NoveltyOutcome.Extends:
                return Extend(manager, request, decision.Expert!, spent: 0, settings, headStart: null, Policy.ExtensionPercent);
            default:
                break;
        }

        var data = session.Data(DatasetsOf(request.Skill, request));
        var probed = manager.Probe(data.TrainTokens, data.ChosenBy, settings, cancellation);
        var (headStart, tokens, warm) = HeadStartOf(manager, decision.Assessment, probed, data, settings);
        if (headStart is not null)
        {
            say(headStart.ToString());
        }

        if (headStart is { } start && start.Share >= Policy.LeastHeadStart)
        {
            probed.Dispose();
            warm?.Probed.Dispose();
            return Extend(manager, request, start.Expert, probed.Tokens + tokens, settings, start, Policy.ExtensionPercent);
        }

        if (warm is null)
        {
            return Create(manager, request, probed, data, probed.Tokens + tokens, settings, headStart);
        }

        say($"a new expert, which starts from the weights of '{warm.Expert}'");
        return Create(manager, request, probed.From(warm.Probed), data, probed.Tokens + tokens, settings, headStart) with { StartedFrom = warm.Expert };
    }

    /// <summary>An expert that covers the data as it is.</summary>
    /// <param name="request">What to learn.</param>
    /// <param name="expert">The expert.</param>
    public Trained Unchanged(LearnRequest request, string expert) => Measured(Trained.Unchanged(State.Experts[expert], expert), request);

    /// <summary>An extension that was refused, at a part of its way.</summary>
    /// <param name="request">What to learn.</param>
    /// <param name="before">The expert as it was.</param>
    /// <param name="refused">The extension.</param>
    /// <param name="halvings">How often its way is halved.</param>
    public Trained PartOfTheWay(LearnRequest request, ExpertEntry before, Trained refused, int halvings)
    {
        say($"trying {(halvings == 1 ? "half" : $"1/{1 << halvings}")} of the way from expert '{refused.Expert}' as it was");
        using var old = session.Load(before);
        var between = PeftFolder.Load(Workspace.Store.Open(ArtifactKind.Expert, refused.Digest), session.Model);
        for (var halved = 0; halved < halvings; halved++)
        {
            using var further = between;
            between = old.HalfWayTo(further);
        }

        using var _ = between;
        return Measured(refused with { Digest = session.Publish(between) }, request);
    }

    /// <summary>A new expert in place of an extension that was refused, from what is left of the budget and all data of the skill.</summary>
    /// <param name="request">What to learn.</param>
    /// <param name="refused">The extension.</param>
    /// <param name="folder">Where checkpoints go.</param>
    public Trained Anew(LearnRequest request, Trained refused, string folder)
    {
        say($"expert '{refused.Expert}' cannot be extended: a new one instead");
        var settings = watch with { CheckpointFolder = Path.Combine(folder, "anew") };
        var manager = new ExpertManager(session.Model, Policy);
        var data = session.Data(DatasetsOf(request.Skill, request));
        var probed = manager.Probe(data.TrainTokens, data.ChosenBy, settings, cancellation);
        return Create(manager, request, probed, data, refused.Tokens + probed.Tokens, settings, refused.HeadStart);
    }

    /// <summary>The head start of the nearest expert on data that look new, and the expert that a new one had better start from; null where no expert is worth a try.</summary>
    /// <param name="assessment">What was found about the data.</param>
    /// <param name="data">The data.</param>
    public (HeadStart? Start, string? StartFrom) HeadStart(NoveltyAssessment assessment, SkillData data)
    {
        if (Relatives(assessment, data).Count == 0)
        {
            return (null, null);
        }

        var manager = new ExpertManager(session.Model, Policy);
        using var probed = manager.Probe(data.TrainTokens, data.ChosenBy, watch, cancellation);
        var (start, _, warm) = HeadStartOf(manager, assessment, probed, data, watch);
        warm?.Probed.Dispose();
        return (start, warm?.Expert);
    }

    // Data like those that an expert has learnt from still teach it something while much of the backbone's loss on them is left.
    private bool HasMoreToLearn(string expert)
    {
        var evidence = State.Experts[expert].Maturity.Evidence;
        return evidence.ExpertLoss > Policy.LearntWhole * evidence.BackboneLoss;
    }

    private Trained Create(ExpertManager manager, LearnRequest request, ProbedExpert probed, SkillData data, long spent, RunSettings settings, HeadStart? headStart)
    {
        var result = manager.Train(probed, data.TrainTokens, data.ChosenBy, spent, settings, cancellation);
        using var adapter = result.Adapter;
        return Measured(new Trained
        {
            Expert = NewName(request.Skill),
            Digest = session.Publish(adapter),
            Version = 1,
            Mode = adapter.Config.Mode,
            Rank = adapter.Config.Rank,
            ModeReason = probed.ModeReason,
            RankReason = result.RankReason,
            FullTrialLoss = probed.FullLoss,
            ActivatedTrialLoss = probed.ActivatedLoss,
            HeadStart = headStart,
            Curve = Curve(result.Reports),
            Tokens = spent + result.Reports.Skip(1).Sum(report => report.Tokens),
            Shown = result.Shown(data.TrainTokens.Count),
        }, request);
    }

    private Trained Extend(
        ExpertManager manager, LearnRequest request, string expert, long spent, RunSettings settings, HeadStart? headStart, int budgetPercent)
    {
        var entry = State.Experts[expert];
        var data = session.Data(State.Skills.GetValueOrDefault(request.Skill)?.Expert == expert ? [request.Dataset] : DatasetsOf(request.Skill, request));
        var known = State.Skills.Where(skill => skill.Value.Expert == expert && !(request.Replaces && skill.Key == request.Skill)).Select(skill => (skill.Key, Data: session.Data(skill.Value.Datasets))).ToList();
        using var old = session.Load(entry);
        var result = manager.Extend(
            old,
            data.TrainTokens,
            [.. known.Select(skill => Policy.ReplayOf(skill.Key, skill.Data.TrainTokens))],
            [.. data.ChosenBy, .. known.SelectMany(skill => skill.Data.ChosenBy)],
            session.Canaries(known),
            spent,
            budgetPercent,
            settings,
            cancellation);
        using var adapter = result.Adapter;
        return Measured(new Trained
        {
            Expert = expert,
            Digest = session.Publish(adapter),
            Version = entry.Version + 1,
            Mode = entry.Mode,
            Rank = adapter.Config.Rank,
            ModeReason = entry.ModeReason,
            RankReason = entry.RankReason,
            FullTrialLoss = entry.FullTrialLoss,
            ActivatedTrialLoss = entry.ActivatedTrialLoss,
            HeadStart = headStart,
            Curve = Curve(result.Reports),
            Tokens = spent + result.Reports.Sum(report => report.Tokens),
            Shown = result.Shown(data.TrainTokens.Count),
        }, request);
    }

    // Tries the likeliest experts until one has a head start; the best of those that were tried, what they cost, and that which a new expert had better start from, the caller's.
    private (HeadStart? Start, long Tokens, WarmStart? Warm) HeadStartOf(ExpertManager manager, NoveltyAssessment? assessment, ProbedExpert probed, SkillData data, RunSettings settings)
    {
        var (best, tokens, warm) = ((HeadStart?)null, 0L, (WarmStart?)null);
        var frequency = assessment is null ? (double?)null : BigramLoss.Of(data.TrainTokens);
        foreach (var (name, entry) in assessment is null ? [] : Relatives(assessment, data))
        {
            using var relative = session.Load(entry);
            var folder = settings.CheckpointFolder is { } checkpoints ? Path.Combine(checkpoints, name) : null;
            var tried = manager.ProbeFrom(relative, data.TrainTokens, data.ChosenBy, settings with { CheckpointFolder = folder }, cancellation);
            var start = new HeadStart(name, probed.Report.BaselineLoss!.Value, probed.Report.FinalLoss!.Value, tried.Report.FinalLoss!.Value, entry.OwnLoss, frequency);
            (best, tokens) = (best is null || start.Share > best.Share ? start : best, tokens + tried.Tokens);
            var isBest = manager.StartsBetter(probed, tried) && (warm is null || tried.Report.FinalLoss < warm.Probed.Report.FinalLoss);
            (isBest ? warm?.Probed : tried)?.Dispose();
            warm = isBest ? new WarmStart(name, tried) : warm;
            if (best.Share >= Policy.LeastHeadStart)
            {
                break;
            }
        }

        return (best, tokens, warm);
    }

    // The expert of the nearest skill, and the one that recovers most, unless it is plainly wrong on the new data: asked in words that it knows it answers
    // otherwise, or it is worse there than the backbone by half of all it gains on its own, and a probe from it would be wasted. A head start says that two
    // tasks are related, not that they are one: it is for data that cannot be put into the words of the expert's skill. One that is silent on the new data is
    // none: it is as good there as the backbone, and a probe would leave it as it is.
    private List<KeyValuePair<string, ExpertEntry>> Relatives(NoveltyAssessment assessment, SkillData data)
    {
        var plausible = assessment.Experts
            .Where(expert => expert.Share > (Policy.LeastShareToProbe ?? LeastShareToProbe) && !expert.IsContradicted && State.Experts.GetValueOrDefault(expert.Expert) is { IsArchived: false })
            .Where(expert => session.InvocationOf(State.Experts[expert.Expert]).IsInAny(data.TrainTokens))
            .Select(expert => expert.Expert).ToList();
        var owner = assessment.Skills.FirstOrDefault(skill => skill.Skill == assessment.NearestSkill)?.Expert;
        var chosen = plausible.Where(name => name == owner).Concat(assessment.Experts.Where(expert => expert.Share > 0 && plausible.Contains(expert.Expert)).Select(expert => expert.Expert).Take(1));
        return [.. chosen.Distinct().Select(name => KeyValuePair.Create(name, State.Experts[name]))];
    }

    /// <summary>Adds what the expert alone does on the held-out samples of every skill that it would serve, and how many different samples of them it has seen.</summary>
    private Trained Measured(Trained trained, LearnRequest request)
    {
        using var adapter = PeftFolder.Load(Workspace.Store.Open(ArtifactKind.Expert, trained.Digest), session.Model);
        var names = State.Skills.Where(pair => pair.Value.Expert == trained.Expert).Select(pair => pair.Key).Append(request.Skill).Distinct();
        var skills = names.Select(skill => (skill, Data: session.Data(DatasetsOf(skill, request)))).ToList();
        var before = State.Experts.GetValueOrDefault(trained.Expert)?.Maturity.Evidence.SamplesSeen ?? 0;
        return trained with
        {
            Evidence = session.Evidence(adapter, skills, cancellation),
            SamplesSeen = MaturityEvidence.SamplesAfter(before, trained.Shown, SkillData.Different(skills.Select(skill => skill.Data))),
        };
    }

    private IReadOnlyList<string> DatasetsOf(string skill, LearnRequest request) => skill == request.Skill
        ? request.DatasetsAfter(State.Skills.GetValueOrDefault(skill))
        : State.Skills[skill].Datasets;

    private string NewName(string skill)
    {
        if (!State.Experts.ContainsKey(skill))
        {
            return skill;
        }

        var number = 2;
        while (State.Experts.ContainsKey($"{skill}-{number}"))
        {
            number++;
        }

        return $"{skill}-{number}";
    }

    // The probe from an expert that a new one may start from.
    private sealed record WarmStart(string Expert, ProbedExpert Probed);

    /// <summary>Held-out losses of the runs of one training, of which each goes on where the one before ended.</summary>
    public static List<LossPoint> Curve(IReadOnlyList<TrainingReport> reports)
    {
        var (points, before) = (new List<LossPoint>(), 0L);
        foreach (var report in reports)
        {
            points.AddRange(report.Curve.Select(point => new LossPoint(before + point.Tokens, point.ValidationLoss)));
            before += report.Tokens;
        }

        return points;
    }
}
