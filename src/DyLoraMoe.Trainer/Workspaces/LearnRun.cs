using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

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

    // Of the way that an extension goes, where all of it is refused.
    private const int MostHalvings = 3;

    private Workspace Workspace => session.Workspace;

    private WorkspaceState State => Workspace.State;

    /// <summary>Whether what was asked for is refused, now or the last time that it was tried.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>How diverse the data are; null while nothing has been learnt.</summary>
    public DiversityReport? Diversity { get; private set; }

    private SkillTraining Training => new(session, say, watch, cancellation);

    /// <summary>Learns, or says why not.</summary>
    /// <param name="request">What to learn.</param>
    /// <returns>The skill's entry in the new state.</returns>
    public SkillEntry Run(LearnRequest request)
    {
        var known = State.Skills.GetValueOrDefault(request.Skill);
        var lesson = request.Again ? Named("", request) : null;
        if (known is not null && HasLearnt(known, request, lesson))
        {
            say($"nothing to do: '{request.Skill}' {(request.Again ? "was taught again with the same options; other options are tried" : $"has seen these data{StandingOf(known)}")}");
            return known;
        }

        var attempt = AttemptOf(request);
        if (known is not null && known.RefusedAttempts.Contains(attempt, StringComparer.Ordinal))
        {
            IsRefused = true;
            say($"nothing to do: these data were refused for '{request.Skill}' before, with the same options and experts ({known.WhyRefused(request.Dataset)}); other options are tried");
            return known;
        }

        var data = session.Data([request.Dataset]);
        DataNotes.SayCut(say, session.Policy.Data.Context, data.Cut.Prompts, data.Cut.Answers);
        data.RequireEnough();
        var journal = Workspace.Journal(KeyOf(request));
        Diversity = journal.Do("0-diversity", () => DataDiversity.Of(data.TrainTokens, Described, say, cancellation));
        var decision = journal.Do("1-assess", () => Decide(request, data));
        say(decision.Reason);
        var trained = journal.Do("2-train", () => Training.Train(request, decision, journal.Folder));
        var (fitted, check) = TryOut(request, data, trained, journal, 3);
        var phase = 5;
        foreach (var alternative in check.IsAccepted ? [] : Alternatives(request, decision, trained, journal.Folder))
        {
            trained = journal.Do($"{phase}-train", alternative);
            (fitted, check) = TryOut(request, data, trained, journal, phase + 1);
            if (check.IsAccepted)
            {
                break;
            }

            phase += 3;
        }

        var admission = new Admission(session, cancellation);
        IsRefused = !check.IsAccepted;
        return IsRefused ? admission.Refuse(request, attempt, decision, trained, check) : admission.Admit(request, lesson, decision, trained, fitted);
    }

    /// <summary>What learning these data would do; nothing is changed.</summary>
    /// <param name="samples">The data; some of them, when there are many.</param>
    public NoveltyAssessment Assess(IReadOnlyList<TokenizedSample> samples)
    {
        var batch = SkillData.Some(samples, AssessedSamples);
        var detector = new NoveltyDetector(session.Library, session.Describer, session.Policy.Novelty, session.RouterEntropies(cancellation));
        var assessment = detector.Assess(batch, new ExpertLosses(session, cancellation), cancellation);
        return assessment.Expert is { } expert && State.Experts.TryGetValue(expert, out var entry) && !session.InvocationOf(entry).IsInAny(samples)
            ? assessment with
            {
                Outcome = NoveltyOutcome.Novel,
                Expert = null,
                NoveltyScore = 1,
                Reason = $"{assessment.Reason}; but none of the prompts has that expert's invocation tokens, so it neither answers them nor learns from them",
            }
            : assessment;
    }

    /// <summary>What learning these data would come to, the head start of the nearest expert included; nothing is changed.</summary>
    /// <param name="data">The data.</param>
    /// <returns>The assessment, its outcome and score corrected by the head start where one was tried.</returns>
    public TriedAssessment AssessWithHeadStart(SkillData data)
    {
        var assessment = Assess(data.AllTokens);
        if (assessment.Outcome != NoveltyOutcome.Novel || Training.HeadStart(assessment, data) is not ({ } start, var startFrom))
        {
            return new TriedAssessment(assessment, null, null);
        }

        var extends = start.Share >= session.Policy.Experts.LeastHeadStart;
        return new TriedAssessment(Corrected(), start, extends ? null : startFrom);

        NoveltyAssessment Corrected() => assessment with
        {
            Outcome = extends ? NoveltyOutcome.Extends : NoveltyOutcome.Novel,
            Expert = extends ? start.Expert : null,
            NoveltyScore = Math.Clamp(1 - start.Share, 0, 1),
            Reason = $"{assessment.Reason}; {start}",
        };
    }

    private (Fitted Fitted, RegressionReport Check) TryOut(LearnRequest request, SkillData data, Trained trained, RunJournal journal, int phase)
    {
        var candidate = new Candidate(session, cancellation);
        var change = ChangeOf(request, data, trained);
        var fitted = journal.Do($"{phase}-router", () => candidate.Fit(change));
        say(string.Create(CultureInfo.InvariantCulture, $"router: {100 * fitted.Accuracy:0.0} % of held-out prompts reach their expert, {fitted.Mode.ToLowerInvariant()}"));
        var check = journal.Do($"{phase + 1}-check", () => candidate.Check(fitted.Set, change, data));
        say(check.Summary);
        return (fitted, check);
    }

    // What is left when an extension is refused: half of its way, a quarter, an eighth; then the expert as it is, where that covers the data, or a new one.
    private IEnumerable<Func<Trained>> Alternatives(LearnRequest request, Decision decision, Trained refused, string folder)
    {
        if (refused.IsUnchanged || !State.Experts.TryGetValue(refused.Expert, out var entry))
        {
            yield break;
        }

        for (var halvings = 1; halvings <= MostHalvings; halvings++)
        {
            var part = halvings;
            yield return () => Training.PartOfTheWay(request, entry, refused, part);
        }

        if (decision.Outcome == NoveltyOutcome.Covered)
        {
            yield return () => Training.Unchanged(request, refused.Expert) with { Tokens = refused.Tokens };
        }
        else if (request.Novelty is null)
        {
            yield return () => Training.Anew(request, refused, folder);
        }
    }

    private Decision Decide(LearnRequest request, SkillData data)
    {
        if (request.Novelty is "novel")
        {
            return new Decision(NoveltyOutcome.Novel, null, null, "a new expert was asked for");
        }

        if (request.Novelty is { } named)
        {
            if (State.Experts.GetValueOrDefault(named) is not { IsArchived: false } entry)
            {
                throw new UsageException($"There is no expert '{named}' in the set to extend; 'dylora skills' lists them.");
            }

            session.InvocationOf(entry).Require(data.TrainTokens);
            return new Decision(NoveltyOutcome.Extends, named, null, $"extending '{named}' was asked for");
        }

        if ((request.Again || request.Replaces) && State.Skills.GetValueOrDefault(request.Skill) is { Status: SkillStatus.Ready })
        {
            var why = request.Replaces ? $"the data of '{request.Skill}' are replaced: a new expert learns these and no others" : $"'{request.Skill}' is taught again: a new expert learns all its data";
            return new Decision(NoveltyOutcome.Novel, null, null, why);
        }

        var assessment = Assess(data.AllTokens);
        return assessment.Outcome == NoveltyOutcome.InsufficientData
            ? throw new InvalidDataException(assessment.Reason)
            : new Decision(assessment.Outcome, assessment.Expert, assessment, $"{assessment.Outcome}: {assessment.Reason}");
    }

    private SetChange ChangeOf(LearnRequest request, SkillData data, Trained trained)
    {
        var before = State.Experts.GetValueOrDefault(trained.Expert);
        return new SetChange
        {
            Skill = request.Skill,
            Data = data,
            Replaces = request.Replaces,
            Expert = new SetExpert(trained.Expert, trained.Digest, trained.Mode, trained.Rank, before?.Maturity.Degree ?? 0),
            Evidence = new MaturityEvidence
            {
                BackboneLoss = trained.BackboneLoss,
                ExpertLoss = trained.OwnLoss,
                Curve = trained.Curve.Count > 0 ? trained.Curve : before?.Maturity.Evidence.Curve ?? [],
                SamplesSeen = trained.SamplesSeen,
            },
            Leaving = State.LeftBy(trained.Takes(request.Skill)).Keys.ToHashSet(StringComparer.Ordinal),
        };
    }

    private bool HasLearnt(SkillEntry known, LearnRequest request, string? lesson) =>
        known.Datasets.SequenceEqual(request.DatasetsAfter(known), StringComparer.Ordinal)
        && (!request.Again || (known.Expert is { } expert && State.Experts[expert] is { IsArchived: false } entry && entry.Lesson == lesson));

    private string StandingOf(SkillEntry known) => known.Expert is { } expert && State.Experts[expert] is { IsArchived: true, ArchivedBecause: var why }
        ? $", but its expert '{expert}' is in the archive ({why}): 'dylora prune --restore {expert}' takes it back, and --again teaches the skill to a new one"
        : $" ({known.Reason}); --again teaches the skill to a new expert";

    private Tensor Described(IReadOnlyList<int[]> prompts) => session.Describer.Features(prompts, cancellation: cancellation);

    // The state that the run starts from belongs to its name: after any other change it is another run.
    private string KeyOf(LearnRequest request) => Named(JsonText.Of(State with { Backbone = State.Backbone with { Path = "" } }), request);

    // What a refusal is about: it changes the state, and the same request must still be known after it.
    private string AttemptOf(LearnRequest request) => Named(State.ActiveSet ?? "", request);

    private string Named(string start, LearnRequest request) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(start + JsonText.Of(request) + JsonText.Of(session.Policy))))[..16];
}

/// <summary>An assessment with the trial that corrected it.</summary>
/// <param name="Assessment">The assessment.</param>
/// <param name="HeadStart">What the trial came to; null where none was worth it.</param>
/// <param name="StartFrom">The expert whose weights a new one had better start from; null for nothing.</param>
internal sealed record TriedAssessment(NoveltyAssessment Assessment, HeadStart? HeadStart, string? StartFrom);
