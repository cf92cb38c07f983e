using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth.Copies;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>How a grown backbone learns from the one before, and on what both are compared: the skills' samples, or the smaller one's own where there are none.</summary>
internal sealed class Relearning
{
    private const int UsualSteps = 500;
    private const int UsualRows = 8;

    // Steps of Adam do not get smaller where there is next to nothing to learn: at higher rates a backbone with noise ends further away than it began.
    private const double UsualRate = 1e-4;

    // The texts that the smaller backbone makes up: one for every row that is learnt, within these bounds.
    private const int FewestTexts = 64;
    private const int MostTexts = 512;

    // A gradient needs fewer samples than a judge, and every candidate costs a pass.
    private const int MostExamples = 128;

    private readonly JobContext _context;
    private readonly RelearnInput? _input;
    private readonly TeachingChoice _choice;
    private readonly IReadOnlyList<TokenizedSample> _train;
    private readonly IReadOnlyList<TokenizedSample> _heldOut;

    private Relearning(JobContext context, RelearnInput? input, TeachingChoice choice, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut) =>
        (_context, _input, _choice, _train, _heldOut) = (context, input, choice, train, heldOut);

    /// <summary>Whether there is anything to learn.</summary>
    public bool IsWanted => _input is not null;

    /// <summary>Whether samples of the skills are learnt as well, which move the backbone on purpose.</summary>
    public bool UsesData => _choice.Handover.UsesData;

    /// <summary>What a request asks for.</summary>
    /// <param name="context">The job.</param>
    /// <param name="input">What is asked for.</param>
    /// <param name="data">Data of the skills.</param>
    /// <param name="config">The shape before.</param>
    public static Relearning Of(JobContext context, GrowInput input, IReadOnlyList<SkillData> data, ModelConfig config)
    {
        var relearn = input.Relearn;
        if (relearn?.DataPercent is < 0 or > 100)
        {
            throw new InvalidInputException(Reasons.InvalidInput, $"The request's dataPercent is {relearn.DataPercent}, expected 0 to 100.");
        }

        List<TokenizedSample> train = [.. data.SelectMany(skill => skill.TrainTokens)];
        var steps = relearn?.Steps ?? UsualSteps;
        var length = JobPolicy.ContextOf(context.Request.Policy.Context, config);
        var training = TeachingOptions.RecipeOf(steps, relearn?.Rate ?? UsualRate, relearn?.BatchSize ?? UsualRows, length) with { Seed = input.Seed };
        training.Validate();
        var handover = relearn is { DataPercent: > 0 and var percent } && train.Sum(sample => sample.Ids.Length) > length ? new Handover(0, percent / 100.0, steps) : Handover.Never;
        if (relearn?.DataPercent > 0 && !handover.UsesData)
        {
            context.Say($"the skills have fewer than {length} tokens to learn from, so all is learnt from the smaller backbone");
        }

        var texts = relearn is null ? 1 : (int)Math.Clamp((long)steps * training.Rows, FewestTexts, MostTexts);
        var choice = new TeachingChoice([], null, 0, TeachingInputs.Samples, texts, 1, handover, training, relearn is null ? 0 : steps);
        return new Relearning(context, relearn, choice, train, [.. data.SelectMany(skill => skill.HeldOutTokens)]);
    }

    /// <summary>What is learnt, and what the grown backbone is judged by.</summary>
    /// <param name="teacher">The smaller backbone.</param>
    public TeachingTexts TextsOf(CausalLanguageModel teacher) =>
        TeachingTexts.OfSamples(_choice, _context.Backbone.Path, teacher, Path.Combine(_context.Journal.Folder, TrainingFiles.Folder), _train, _heldOut, _context.Stop);

    /// <summary>Samples of what the backbone is to become better at.</summary>
    /// <param name="model">The backbone.</param>
    public IReadOnlyList<TokenizedSample> Examples(CausalLanguageModel model) => _train.Count > 0
        ? SkillData.Some(_train, MostExamples)
        : TeachingText.OfTeacher(model, MostExamples, _choice.Training.Context, (int)_choice.Training.Seed, _context.Stop);

    /// <summary>Teaches the grown backbone; goes on from a checkpoint where there is one.</summary>
    /// <param name="student">The grown backbone; changes.</param>
    /// <param name="teacher">The smaller one.</param>
    /// <param name="texts">What is learnt.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop, and a checkpoint is written.</exception>
    public TrainingReport Run(CausalLanguageModel student, CausalLanguageModel teacher, TeachingTexts texts)
    {
        using var run = CopyRun.Start(student, teacher, texts, _choice, _context.Settings(_input!.CheckpointSeconds, Path.Combine(TrainingFiles.Folder, "relearn")));
        var report = run.Run(_context.Stop);
        return report.Outcome == TrainingOutcome.Interrupted ? throw new OperationCanceledException(_context.Stop) : report;
    }
}
