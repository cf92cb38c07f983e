using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Turns data into an immutable dataset, describes it, and decides whether an expert knows it.</summary>
internal sealed class AssessJob : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Assess ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Assess and has no part assess.");
        var samples = JobData.Read(context.Arguments.RequiredData(JobKind.Assess), input);
        var skills = context.Request.Skills.Where(skill => skill.Name != input.Skill).ToList();
        using var session = context.Open(skills, context.CardsOf(context.Request.ActiveSet), context.Request.ActiveSet);
        int? dropped = null;
        var dataset = SkillData.Publish(context.Store, samples, session.Policy.Data.Context, input.DropDuplicates == true ? Kept : null);
        context.Say($"dataset {dataset}: {samples.Count} samples were read");
        var result = context.Journal.DoResult($"assess {dataset}", () => Assess(context, session, input, skills, dataset, dropped));
        context.DropTraining();
        return result;

        IReadOnlyList<Sample> Kept(IReadOnlyList<Sample> pieces)
        {
            var kept = DataDiversity.WithoutDuplicates(pieces, session.Tokenizer, context.Say, context.Stop);
            dropped = pieces.Count - kept.Count;
            return kept;
        }
    }

    private static JobResult Assess(JobContext context, WorkspaceSession session, AssessInput input, List<SkillInput> skills, string dataset, int? dropped)
    {
        var data = session.Data([dataset]);
        var figures = new AssessResult
        {
            Dataset = dataset,
            Samples = data.Train.Count + data.Aside,
            HeldOut = data.Aside,
            HeldOutPercent = input.HeldOutPercent,
            Context = session.Policy.Data.Context,
            LeastSamples = session.Policy.Novelty.LeastSamples,
            Tokens = data.AllTokens.Sum(sample => (long)sample.Ids.Length),
            Dropped = dropped,
            PromptsCut = data.Cut.Prompts > 0 ? data.Cut.Prompts : null,
            AnswersCut = data.Cut.Answers > 0 ? data.Cut.Answers : null,
            Decision = nameof(NoveltyOutcome.InsufficientData),
        };
        DataNotes.SayCut(context.Say, session.Policy.Data.Context, data.Cut.Prompts, data.Cut.Answers);
        if (data.TrainTokens.Count < SkillLibrary.LeastSamples || data.HeldOutTokens.Count < SkillLibrary.LeastSamples)
        {
            return Result(figures, $"There are {data.Train.Count} samples to learn from and {data.Aside} held out; at least {SkillLibrary.LeastSamples} of each are needed. Give more data.");
        }

        var diversity = DataDiversity.Of(data.TrainTokens, prompts => session.Describer.Features(prompts, cancellation: context.Stop), context.Say, context.Stop);
        figures = figures with { Diversity = new DiversityResult(Math.Round(diversity.NearDuplicates, 4), Math.Round(diversity.Distinct3, 4), Math.Round(diversity.Coverage, 2), diversity.Warnings) };
        var shelf = new FeatureShelf(context, session);
        shelf.Assemble(skills);
        shelf.Described(dataset, shelf.Anchors());
        if (input.Novelty == nameof(NoveltyOutcome.Novel))
        {
            return Result(figures with { Decision = nameof(NoveltyOutcome.Novel) }, "A new expert was asked for.");
        }

        if (input.Novelty != "Auto")
        {
            var named = input.Expert ?? throw new InvalidInputException(Reasons.InvalidInput, $"The request's novelty is '{input.Novelty}' and names no expert; expected Auto, Novel, or an expert to extend.");
            if (session.Workspace.State.Experts.TryGetValue(named, out var entry))
            {
                session.InvocationOf(entry).Require(data.TrainTokens);
            }

            return Result(figures with { Decision = nameof(NoveltyOutcome.Extends), Expert = named }, $"Extending '{named}' was asked for.");
        }

        var run = new LearnRun(session, context.Say, context.Settings(input.Recipe, TrainingFiles.Folder), context.Stop);
        var trial = input.Recipe is null ? new TriedAssessment(run.Assess(data.AllTokens), null, null) : run.AssessWithHeadStart(data);
        var (assessment, start) = (trial.Assessment, trial.HeadStart);
        var nearest = assessment.Nearest;
        return Result(
            figures with
            {
                Decision = assessment.Outcome.ToString(),
                Expert = assessment.Expert,
                NearestSkill = assessment.NearestSkill,
                NearestExpert = nearest?.Expert,
                PValue = Rounded(assessment.PValue),
                Signals = new SortedDictionary<string, double>(nearest?.Signals.ToDictionary(figure => figure.Signal, figure => Rounded(figure.PValue)!.Value) ?? [], StringComparer.Ordinal),
                HeadStartPercent = start is { } share ? (int)Math.Round(100 * Math.Clamp(share.Share, -10, 10)) : null,
                StartFrom = trial.StartFrom,
            },
            assessment.Reason);
    }

    private static JobResult Result(AssessResult figures, string message) => new()
    {
        Kind = JobKind.Assess,
        Outcome = JobOutcome.Succeeded,
        Reason = figures.Decision,
        Message = message,
        Assess = figures,
    };

    // Enough digits for whoever reads it, and none that take room.
    private static double? Rounded(double? value) => value is { } known ? double.Parse(known.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}
