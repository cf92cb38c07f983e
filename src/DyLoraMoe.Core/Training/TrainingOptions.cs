using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Everything that decides what a run learns. Two runs with equal options on equal data and weights end with equal weights,
/// and a checkpoint is refused by a run whose options differ in anything.
/// </summary>
public sealed record TrainingOptions
{
    private const int EvaluationsPerRun = 12;

    /// <summary>For one expert on a frozen backbone: the defaults.</summary>
    public static TrainingOptions Expert { get; } = new();

    /// <summary>
    /// For a whole model from scratch, after nanoGPT: one warm-up, then a cosine over the whole budget; loss on everything,
    /// weight decay, and the last weights rather than the best.
    /// </summary>
    public static TrainingOptions Pretraining { get; } = new()
    {
        Seeding = new SeedingOptions { Rate = 1e-3, WarmUpSteps = 100, MaxSteps = 100, PlateauPatience = null },
        Consolidation = new ConsolidationOptions { Rate = 1e-3, FinalRate = 1e-4 },
        MaxSteps = 2000,
        EvaluateEvery = 250,
        Beta2 = 0.99,
        WeightDecay = 0.1,
        Loss = LossOn.Everything,
        KeepBest = false,
    };

    /// <summary>The high-rate phase.</summary>
    public SeedingOptions Seeding { get; init; } = new() { MaxSteps = 200 };

    /// <summary>The low-rate phase.</summary>
    public ConsolidationOptions Consolidation { get; init; } = new();

    /// <summary>Budget of both phases in optimizer steps; null for none. With <see cref="MaxTokens"/>, whichever ends first.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxSteps { get; init; } = 600;

    /// <summary>Budget of both phases in tokens read, prompts included; null for none.</summary>
    [Range(1L, long.MaxValue)]
    public long? MaxTokens { get; init; }

    /// <summary>Rows per batch, B.</summary>
    [Range(1, 1 << 20)]
    public int Rows { get; init; } = 8;

    /// <summary>Positions per row, T.</summary>
    [Range(1, 1 << 24)]
    public int Context { get; init; } = 256;

    /// <summary>Batches per optimizer step. The gradient is that of one batch of all their rows.</summary>
    [Range(1, 1 << 20)]
    public int Accumulation { get; init; } = 1;

    /// <summary>Whether short samples share a row. On: it saves padding, and samples do not see each other.</summary>
    public bool Pack { get; init; } = true;

    /// <summary>Largest norm of the gradient; longer ones are scaled down to it. Null for no limit. One is the usual guard against outliers.</summary>
    [Range(1e-9, double.MaxValue)]
    public double? ClipNorm { get; init; } = 1;

    /// <summary>APOLLO in the place of AdamW for the matrices of a model; null, the default, for AdamW. For adapters it gains nothing, since their factors are narrow already.</summary>
    public ApolloOptions? Apollo { get; init; }

    /// <summary>The optimizer's memory of gradients.</summary>
    [Range(0.0, 0.9999999)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The optimizer's memory of squared gradients. Below the customary 0.999, since runs here are short.</summary>
    [Range(0.0, 0.9999999)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>AdamW's guard against division by zero.</summary>
    [Range(1e-16, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decay of matrices, per step and unit of rate; norms and biases never decay. None for adapters, whose factors it would only shrink.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; }

    /// <summary>Seed of the order of the data and of dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Which tokens the samples were tokenised to count. Recorded here so that it belongs to the run's identity.</summary>
    public LossOn Loss { get; init; } = LossOn.Answer;

    /// <summary>Where the gradient of the answers goes; through the context too by default.</summary>
    public GradientScope Gradient { get; init; }

    /// <summary>Compute each layer's intermediate results again in the backward pass: less memory, a third more work.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Element type that a frozen backbone is loaded in. What trains is always float32, since AdamW's small updates vanish in less.</summary>
    public ScalarType Backbone { get; init; } = ScalarType.Float32;

    /// <summary>Steps between evaluations on held-out data, which the plateau and the best weights are judged by.</summary>
    [Range(1, int.MaxValue)]
    public int EvaluateEvery { get; init; } = 50;

    /// <summary>Whether the run ends with the weights of its best evaluation instead of the last ones.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>How far what trains may move on the data's anchors; null, the default, does not measure it. Over it the run rolls back, or ends where <see cref="Rollback"/> is null.</summary>
    public DriftBudget? Drift { get; init; }

    /// <summary>How far an adapter may be from the bare backbone, or a model from its start, on prompts of the new task, which foretells forgetting; null, the default, does not measure it.</summary>
    public DriftBudget? TaskDrift { get; init; }

    /// <summary>Steps between measurements of the data's canaries. Each is a forward pass over their samples.</summary>
    [Range(1, int.MaxValue)]
    public int CanariesEvery { get; init; } = 25;

    /// <summary>Goes back to the last good weights when something is wrong; null, the default, ends the run.</summary>
    public RollbackOptions? Rollback { get; init; }

    /// <summary>Bounds what a single step may change; null, the default, leaves it to the rates.</summary>
    public StepBudget? StepBudget { get; init; }

    /// <summary>
    /// Steps between evaluations of a run of so many steps: twelve evaluations, and more of a long run. The curve is evidence (<see cref="Lifecycle.MaturityPolicy"/>), also of an extension,
    /// which has fewer steps.
    /// </summary>
    /// <param name="steps">Steps of both phases.</param>
    public static int EvaluateEveryOf(long steps) => (int)Math.Clamp(steps / EvaluationsPerRun, 1, Expert.EvaluateEvery);

    /// <summary>
    /// The same run without seeding: a warm-up to consolidation's rate, then consolidation. For an expert that exists and gets more
    /// data, which a high rate would only unsettle.
    /// </summary>
    /// <param name="mostWarmUpSteps">Most steps of the warm-up; as many as seeding has when null.</param>
    public TrainingOptions ConsolidationOnly(int? mostWarmUpSteps = null)
    {
        var steps = Math.Max(1, Math.Min(Seeding.WarmUpSteps, mostWarmUpSteps ?? int.MaxValue));
        return this with { Seeding = Seeding with { Rate = Consolidation.Rate, WarmUpSteps = steps, MaxSteps = steps, MaxTokens = null, PlateauPatience = null } };
    }

    /// <summary>Checks every value, and that the values fit together.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        foreach (var part in new object?[] { this, Seeding, Consolidation, Drift, TaskDrift, Rollback, StepBudget, Apollo }.OfType<object>())
        {
            Validator.ValidateObject(part, new ValidationContext(part), validateAllProperties: true);
        }

        Require(MaxSteps is not null || MaxTokens is not null, "A run needs an end: set MaxSteps, MaxTokens or both.");
        Require(
            Seeding.MaxSteps is not null || Seeding.MaxTokens is not null || Seeding.PlateauPatience is not null,
            "Seeding needs an end: set its MaxSteps, its MaxTokens or its PlateauPatience.");
        Require(
            Gradient == GradientScope.Everywhere || Loss == LossOn.Answer,
            $"Gradient is {Gradient} and Loss is {Loss}, which leaves no context to detach. Set Loss to Answer, or Gradient to Everywhere.");
        Require(Backbone is ScalarType.Float32 or ScalarType.BFloat16, $"Backbone is {Backbone}, expected Float32 or BFloat16.");
        Require(
            Consolidation.Decay == RateDecay.Constant || Consolidation.FinalRate <= Consolidation.Rate,
            $"Consolidation's FinalRate is {Consolidation.FinalRate}, expected at most its Rate {Consolidation.Rate}.");
    }

    internal BatchOptions Batches => new() { Rows = Rows, RowLength = Context, Seed = (ulong)Seed, Pack = Pack };

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ValidationException(problem);
        }
    }
}
