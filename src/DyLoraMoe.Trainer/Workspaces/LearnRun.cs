using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// The whole life of one skill: assess, create or extend, seed, consolidate, fit the router, check, admit. Every phase's result is in
/// the run's journal before the next begins, weights are artifacts, and one commit at the end makes it all true; so a run that is
/// killed anywhere and started again ends as if it had not been.
/// </summary>
internal sealed class LearnRun(WorkspaceSession session, Action<string> say, RunSettings watch, CancellationToken cancellation)
{
    // Enough for the detector to be sure; more would only cost passes.
    private const int AssessedSamples = 128;

    // The share of an expert's gain that it recovers on new data, below which it is plainly wrong there.
    private const double LeastShare = -0.5;

    private Workspace Workspace => session.Workspace;

    private WorkspaceState State => Workspace.State;

    /// <summary>Learns, or says why not.</summary>
    /// <param name="request">What to learn.</param>
    /// <returns>The skill's entry in the new state.</returns>
    public SkillEntry Run(LearnRequest request)
    {
        var known = State.Skills.GetValueOrDefault(request.Skill);
        if (known is not null && known.Datasets.Contains(request.Dataset, StringComparer.Ordinal))
        {
            say($"nothing to do: '{request.Skill}' has seen these data ({known.Reason})");
            return known;
        }

        if (known is not null && known.RefusedDatasets.Contains(request.Dataset, StringComparer.Ordinal))
        {
            say($"nothing to do: these data were refused for '{request.Skill}' before ({known.Reason})");
            return known;
        }

        var data = session.Data([request.Dataset]);
        RequireEnough(data);
        var journal = Workspace.Journal(KeyOf(request));
        var decision = journal.Do("1-assess", () => Decide(request, data));
        say(decision.Reason);
        var trained = journal.Do("2-train", () => Train(request, data, decision, journal.Folder));
        var change = ChangeOf(request, data, trained);
        var candidate = new Candidate(session, cancellation);
        var fitted = journal.Do("3-router", () => candidate.Fit(change));
        say(string.Create(CultureInfo.InvariantCulture, $"router: {100 * fitted.Accuracy:0.0} % of held-out prompts reach their expert, {fitted.Mode.ToLowerInvariant()}"));
        var check = journal.Do("4-check", () => candidate.Check(fitted.Set));
        say(check.Summary);
        var admission = new Admission(session, cancellation);
        return check.IsAccepted ? admission.Admit(request, decision, trained, fitted) : admission.Refuse(request, decision, trained, check);
    }

    /// <summary>What learning these data would do; nothing is changed.</summary>
    /// <param name="samples">The data; some of them, when there are many.</param>
    public NoveltyAssessment Assess(IReadOnlyList<TokenizedSample> samples)
    {
        var batch = SkillData.Some(samples, AssessedSamples);
        var active = session.Active;
        var detector = new NoveltyDetector(session.Library, session.Describer, session.Policy.Novelty, active is null ? null : active.Router.Entropy);
        return detector.Assess(batch, new ExpertLosses(session, cancellation), cancellation);
    }

    /// <summary>What learning these data would come to, the head start of the nearest expert included; nothing is changed.</summary>
    /// <param name="data">The data.</param>
    /// <returns>The assessment, its outcome and score corrected by the head start where one was tried.</returns>
    public NoveltyAssessment AssessWithHeadStart(SkillData data)
    {
        var assessment = Assess(data.AllTokens);
        if (assessment.Outcome != NoveltyOutcome.Novel || Relatives(assessment).Count == 0)
        {
            return assessment;
        }

        var manager = new ExpertManager(session.Model, session.Policy.Experts);
        var probed = manager.Probe(data.TrainTokens, data.HeldOutTokens, new RunSettings(), cancellation);
        using var adapter = probed.Adapter;
        var start = HeadStartOf(manager, assessment, probed, data, new RunSettings()).Start!;
        var extends = start.Share >= session.Policy.Experts.LeastHeadStart;
        return assessment with
        {
            Outcome = extends ? NoveltyOutcome.Extends : NoveltyOutcome.Novel,
            Expert = extends ? start.Expert : null,
            NoveltyScore = Math.Clamp(1 - start.Share, 0, 1),
            Reason = $"{assessment.Reason}; {start}",
        };
    }

    private Decision Decide(LearnRequest request, SkillData data)
    {
        if (request.Novelty is "novel")
        {
            return new Decision(NoveltyOutcome.Novel, null, null, "a new expert was asked for");
        }

        if (request.Novelty is { } named)
        {
            return State.Experts.GetValueOrDefault(named) is { IsArchived: false }
                ? new Decision(NoveltyOutcome.Extends, named, null, $"extending '{named}' was asked for")
                : throw new UsageException($"There is no expert '{named}' in the set to extend; 'dylora skills' lists them.");
        }

        var assessment = Assess(data.AllTokens);
        return assessment.Outcome == NoveltyOutcome.InsufficientData
            ? throw new InvalidDataException(assessment.Reason)
            : new Decision(assessment.Outcome, assessment.Expert, assessment, $"{assessment.Outcome}: {assessment.Reason}");
    }

    private Trained Train(LearnRequest request, SkillData data, Decision decision, string folder)
    {
        var settings = watch with { CheckpointFolder = Path.Combine(folder, "checkpoints") };
        var manager = new ExpertManager(session.Model, session.Policy.Experts);
        switch (decision.Outcome)
        {
            case NoveltyOutcome.Covered:
                return Measured(Trained.Unchanged(State.Experts[decision.Expert!], decision.Expert!), request);
            case NoveltyOutcome.Extends:
                return Extend(manager, request, decision.Expert!, data, spent: 0, settings, headStart: null);
            default:
                break;
        }

        var probed = manager.Probe(data.TrainTokens, data.HeldOutTokens, settings, cancellation);
        var (headStart, tokens) = HeadStartOf(manager, decision.Assessment, probed, data, settings);
        if (headStart is not null)
        {
            say(headStart.ToString());
        }

        if (headStart is { } start && start.Share >= session.Policy.Experts.LeastHeadStart)
        {
            probed.Adapter.Dispose();
            return Extend(manager, request, start.Expert, data, probed.Tokens + tokens, settings, start);
        }

        var result = manager.Train(probed, data.TrainTokens, data.HeldOutTokens, probed.Tokens + tokens, settings, cancellation);
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
            Tokens = probed.Tokens + tokens + result.Reports.Skip(1).Sum(report => report.Tokens),
        }, request);
    }

    private Trained Extend(ExpertManager manager, LearnRequest request, string expert, SkillData data, long spent, RunSettings settings, HeadStart? headStart)
    {
        var entry = State.Experts[expert];
        var known = State.Skills.Values.Where(skill => skill.Expert == expert).Select(skill => session.Data(skill.Datasets)).ToList();
        using var old = session.Load(entry);
        var result = manager.Extend(
            old,
            data.TrainTokens,
            [.. known.Select(skill => skill.TrainTokens)],
            [.. data.HeldOutTokens, .. known.SelectMany(skill => skill.HeldOutTokens)],
            spent,
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
        }, request);
    }

    // Tries the likeliest experts until one has a head start; the best of those that were tried, and what they cost.
    private (HeadStart? Start, long Tokens) HeadStartOf(ExpertManager manager, NoveltyAssessment? assessment, ProbedExpert probed, SkillData data, RunSettings settings)
    {
        var (best, tokens) = ((HeadStart?)null, 0L);
        foreach (var (name, entry) in assessment is null ? [] : Relatives(assessment))
        {
            using var relative = session.Load(entry);
            var folder = settings.CheckpointFolder is { } checkpoints ? Path.Combine(checkpoints, name) : null;
            var report = manager.ProbeFrom(relative, data.TrainTokens, data.HeldOutTokens, settings with { CheckpointFolder = folder }, cancellation);
            var start = new HeadStart(name, probed.Report.BaselineLoss!.Value, probed.Report.FinalLoss!.Value, report.FinalLoss!.Value, entry.OwnLoss);
            (best, tokens) = (best is null || start.Share > best.Share ? start : best, tokens + report.Tokens);
            if (best.Share >= session.Policy.Experts.LeastHeadStart)
            {
                break;
            }
        }

        return (best, tokens);
    }

    // The expert of the nearest skill, and the one that recovers most, unless it is plainly wrong on the new data: a sharp expert of another rule is
    // worse there than the backbone by half of all it gains on its own, and a probe from it would be wasted.
    private List<KeyValuePair<string, ExpertEntry>> Relatives(NoveltyAssessment assessment)
    {
        var plausible = assessment.Experts
            .Where(expert => expert.Share > LeastShare && State.Experts.GetValueOrDefault(expert.Expert) is { IsArchived: false })
            .Select(expert => expert.Expert).ToList();
        var owner = assessment.Skills.FirstOrDefault(skill => skill.Skill == assessment.NearestSkill)?.Expert;
        var chosen = plausible.Where(name => name == owner).Concat(assessment.Experts.Where(expert => expert.Share > 0 && plausible.Contains(expert.Expert)).Select(expert => expert.Expert).Take(1));
        return [.. chosen.Distinct().Select(name => KeyValuePair.Create(name, State.Experts[name]))];
    }

    /// <summary>Adds what the expert alone does on the held-out samples of every skill that it would serve.</summary>
    private Trained Measured(Trained trained, LearnRequest request)
    {
        using var adapter = PeftFolder.Load(Workspace.Store.Open(ArtifactKind.Expert, trained.Digest), session.Model);
        var skills = State.Skills.Where(pair => pair.Value.Expert == trained.Expert).Select(pair => pair.Key).Append(request.Skill).Distinct();
        return trained with { Evidence = session.Evidence(adapter, skills.Select(skill => (skill, session.Data(DatasetsOf(skill, request)))), cancellation) };
    }

    private IReadOnlyList<string> DatasetsOf(string skill, LearnRequest request) =>
        [.. State.Skills.GetValueOrDefault(skill)?.Datasets ?? [], .. skill == request.Skill ? [request.Dataset] : Array.Empty<string>()];

    private SetChange ChangeOf(LearnRequest request, SkillData data, Trained trained)
    {
        var before = State.Experts.GetValueOrDefault(trained.Expert);
        return new SetChange
        {
            Skill = request.Skill,
            Data = data,
            Expert = new SetExpert(trained.Expert, trained.Digest, trained.Mode, trained.Rank, before?.Maturity.Degree ?? 0),
            Evidence = new MaturityEvidence
            {
                BackboneLoss = trained.BackboneLoss,
                ExpertLoss = trained.OwnLoss,
                Curve = trained.Curve.Count > 0 ? trained.Curve : before?.Maturity.Evidence.Curve ?? [],
                SamplesSeen = (before?.Maturity.Evidence.SamplesSeen ?? 0) + (trained.IsUnchanged ? 0 : data.TrainTokens.Count),
            },
        };
    }

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

    private static List<LossPoint> Curve(IReadOnlyList<TrainingReport> reports)
    {
        var (points, before) = (new List<LossPoint>(), 0L);
        foreach (var report in reports)
        {
            points.AddRange(report.Curve.Select(point => new LossPoint(before + point.Tokens, point.ValidationLoss)));
            before += report.Tokens;
        }

        return points;
    }

    private static void RequireEnough(SkillData data)
    {
        if (data.TrainTokens.Count < SkillLibrary.LeastSamples || data.HeldOutTokens.Count < SkillLibrary.LeastSamples)
        {
            throw new InvalidDataException(
                $"There are {data.Train.Count} samples to learn from and {data.HeldOut.Count} held out; at least {SkillLibrary.LeastSamples} of each are needed. Give more data.");
        }
    }

    // The state that the run starts from belongs to its name: after any other change it is another run.
    private string KeyOf(LearnRequest request) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(State with { Backbone = State.Backbone with { Path = "" } }) + JsonText.Of(request) + JsonText.Of(session.Policy))))[..16];
}
