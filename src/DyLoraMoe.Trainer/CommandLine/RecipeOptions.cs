using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that decide how an expert is trained. What is not given keeps the recipe's default.</summary>
internal sealed class RecipeOptions
{
    /// <summary>What is to be said of APOLLO for an expert.</summary>
    public const string NoGainForExperts = "an expert's factors are as narrow as a projection of them would be, so it saves no memory here and learns from the raw gradient without momentum; AdamW is the better choice";

    private static readonly TrainingOptions _defaults = TrainingOptions.Expert;

    private readonly Option<string?> _optimizer = OptimizerChoice.Option(
        "adamw, apollo or apollo-mini. The latter two save memory where whole matrices train, not for an expert. [default: adamw]");

    private readonly Option<double?> _seedingRate = OptionOf.Number("--seeding-rate", "RATE", $"Rate of the first phase. [default: {_defaults.Seeding.Rate}]", 0, 1);

    private readonly Option<int?> _seedingSteps = OptionOf.Whole("--seeding-steps", "N", $"Most steps of the first phase. [default: {_defaults.Seeding.MaxSteps}]", 1);

    private readonly Option<int?> _plateau = OptionOf.Whole(
        "--plateau", "N", $"Evaluations without a gain after which the first phase ends; 0 for its steps alone. [default: {_defaults.Seeding.PlateauPatience}]", 0);

    private readonly Option<double?> _rate = OptionOf.Number("--rate", "RATE", $"Rate at the start of the second phase. [default: {_defaults.Consolidation.Rate}]", 0, 1);

    private readonly Option<double?> _finalRate = OptionOf.Number("--final-rate", "RATE", "Rate at the end of the second phase. [default: a tenth of --rate]", 0, 1);

    private readonly Option<int?> _patience = OptionOf.Whole("--patience", "N", "Evaluations without a new best after which the second phase ends. [default: never]", 1);

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "N", $"Steps of both phases. [default: {_defaults.MaxSteps}, or none with --tokens]", 1);

    private readonly Option<long?> _tokens = OptionOf.Parsed<long?>(
        "--tokens", "N", "Tokens of both phases, prompts included. [default: no limit]", text => long.TryParse(text, out var value) && value > 0 ? value : null, "a whole number of at least 1");

    private readonly Option<int?> _rows = OptionOf.Whole("--rows", "B", $"Rows per batch; short samples share a row. [default: {_defaults.Rows}]", 1, 1 << 16);

    private readonly Option<int?> _context = SharedOptions.Context();

    private readonly Option<int?> _accumulation = OptionOf.Whole("--accumulation", "N", "Batches per step. [default: 1]", 1, 1 << 16);

    private readonly Option<double?> _clip = OptionOf.Number("--clip", "NORM", $"Largest norm of the gradient. [default: {_defaults.ClipNorm}]", 1e-9);

    private readonly Option<double?> _decay = OptionOf.Number("--weight-decay", "DECAY", $"AdamW's weight decay. [default: {_defaults.WeightDecay}]", 0, 1);

    private readonly Option<int?> _evaluate = OptionOf.Whole("--evaluate-every", "N", $"Steps between evaluations. [default: {_defaults.EvaluateEvery}; where a skill is learnt at most a twelfth of the steps]", 1);

    private readonly Option<int?> _rollbacks = OptionOf.Whole(
        "--rollbacks", "N", "How often a run may go back to its last good weights, at half the rate, when its loss jumps or is no number; 0 to end it instead. [default: 0]", 0);

    private readonly Option<double?> _taskDrift = OptionOf.Number(
        "--task-drift", "NATS", "Most that the expert may be from the bare backbone on the first samples of the data, KL in nats per token; over it training rolls back or ends. [default: not measured]", 1e-9, 1000);

    private readonly Option<double?> _stepBudget = OptionOf.Number(
        "--step-budget", "NATS", "Most that one step may change what is predicted, in nats per token; lowers the rate where it would be more. [default: no limit]", 1e-9, 1000);

    private readonly Option<bool> _checkpointing = OptionOf.Flag("--gradient-checkpointing", "Less memory for a third more work; on a GPU not together with --dropout.");

    private readonly Option<GradientScope?> _gradient = OptionOf.OneOf(
        "--gradient",
        "SCOPE",
        "How far the gradient of an answer goes: everywhere; detached, to the answer's own positions, with less memory for long prompts; or detached-queries, the same for query projections alone. [default: everywhere]",
        ("everywhere", GradientScope.Everywhere),
        ("detached", GradientScope.DetachedContext),
        ("detached-queries", GradientScope.DetachedContextQueries));

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All =>
    [
        _optimizer, _seedingRate, _seedingSteps, _plateau, _rate, _finalRate, _patience, _steps, _tokens, _rows, _context, _accumulation, _clip, _decay, _evaluate, _rollbacks, _taskDrift, _stepBudget,
        _checkpointing, _gradient, _seed,
    ];

    /// <summary>Those that matter where a search sets rates, steps and evaluations.</summary>
    public Option[] WithoutSchedule => [.. All.Except([_seedingRate, _seedingSteps, _rate, _finalRate, _steps, _tokens, _evaluate])];

    /// <summary>Whether the context was given.</summary>
    public bool HasContext(ParseResult parsed) => parsed.GetValue(_context) is not null;

    /// <summary>A recipe with the context that was asked for, or the default as far as the backbone reads.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="training">The recipe.</param>
    /// <param name="model">The backbone's folder.</param>
    /// <exception cref="UsageException">The backbone was not made for as much.</exception>
    public TrainingOptions Within(ParseResult parsed, TrainingOptions training, string model) =>
        training with { Context = SharedOptions.ContextOf(parsed.GetValue(_context), model) };

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="loss">Which tokens count.</param>
    /// <exception cref="UsageException">Two values do not fit together.</exception>
    public TrainingOptions Of(ParseResult parsed, LossOn loss = LossOn.Answer)
    {
        var plateau = parsed.GetValue(_plateau) ?? _defaults.Seeding.PlateauPatience;
        var rate = parsed.GetValue(_rate) ?? _defaults.Consolidation.Rate;
        var tokens = parsed.GetValue(_tokens);
        var options = _defaults with
        {
            Seeding = _defaults.Seeding with
            {
                Rate = parsed.GetValue(_seedingRate) ?? _defaults.Seeding.Rate,
                MaxSteps = parsed.GetValue(_seedingSteps) ?? _defaults.Seeding.MaxSteps,
                PlateauPatience = plateau == 0 ? null : plateau,
            },
            Consolidation = _defaults.Consolidation with
            {
                Rate = rate,
                FinalRate = parsed.GetValue(_finalRate) ?? rate / 10,
                StopPatience = parsed.GetValue(_patience),
            },
            MaxSteps = parsed.GetValue(_steps) ?? (tokens is null ? _defaults.MaxSteps : null),
            MaxTokens = tokens,
            EvaluateEvery = parsed.GetValue(_evaluate) ?? _defaults.EvaluateEvery,
            Rows = parsed.GetValue(_rows) ?? _defaults.Rows,
            Context = parsed.GetValue(_context) ?? _defaults.Context,
            Accumulation = parsed.GetValue(_accumulation) ?? _defaults.Accumulation,
            ClipNorm = parsed.GetValue(_clip) ?? _defaults.ClipNorm,
            WeightDecay = parsed.GetValue(_decay) ?? _defaults.WeightDecay,
            Rollback = parsed.GetValue(_rollbacks) is int rollbacks and > 0 ? new RollbackOptions { MaxRollbacks = rollbacks } : null,
            TaskDrift = parsed.GetValue(_taskDrift) is { } drift ? new DriftBudget { MaxNats = drift } : null,
            StepBudget = parsed.GetValue(_stepBudget) is { } nats ? new StepBudget { MaxNats = nats } : null,
            GradientCheckpointing = parsed.GetValue(_checkpointing),
            Loss = loss,
            Gradient = parsed.GetValue(_gradient) ?? _defaults.Gradient,
            Seed = parsed.GetValue(_seed) ?? _defaults.Seed,
            Apollo = OptimizerChoice.Of(parsed.GetValue(_optimizer)),
        };
        if (options.Apollo is not null)
        {
            Console.Error.WriteLine($"warning: --optimizer {parsed.GetValue(_optimizer)}: {NoGainForExperts}");
        }

        try
        {
            options.Validate();
            return options;
        }
        catch (ValidationException error)
        {
            throw new UsageException(error.Message);
        }
    }

    /// <summary>The same to teach a skill by: how mature its expert is depends on the end of the curve, so a short training is evaluated as often as a long one, unless it was told otherwise.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="UsageException">Two values do not fit together.</exception>
    public TrainingOptions OfLesson(ParseResult parsed)
    {
        var options = Of(parsed);
        return parsed.GetValue(_evaluate) is null ? options with { EvaluateEvery = TrainingOptions.EvaluateEveryOf(StepsOf(options)) } : options;
    }

    // Of tokens, as many steps as they last if every row is full.
    private static long StepsOf(TrainingOptions options) =>
        Math.Min(options.MaxSteps ?? long.MaxValue, options.MaxTokens is { } tokens ? tokens / ((long)options.Rows * options.Context * options.Accumulation) : long.MaxValue);
}
