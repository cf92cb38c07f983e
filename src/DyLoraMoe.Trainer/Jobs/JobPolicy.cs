using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>A request's policies as the learning machine knows them. What a request leaves out keeps the machine's own default.</summary>
internal static class JobPolicy
{
    private const int SeedingParts = 3;

    // A step that most GPUs hold beside a model of some billion parameters.
    private const int UsualTokensOfStep = 2048;

    private static readonly LearningPolicy _defaults = new();
    private static readonly RouterOptions _router = new();

    /// <summary>The policy.</summary>
    /// <param name="request">The request.</param>
    /// <param name="compute">Device and type.</param>
    /// <param name="config">The backbone's shape.</param>
    public static LearningPolicy Of(JobRequest request, ComputePlace compute, ModelConfig config)
    {
        var policy = request.Policy;
        var recipe = request.Train?.Recipe ?? request.Consolidate?.Recipe ?? request.Assess?.Recipe ?? new RecipeInput();
        var lora = request.Train?.Lora ?? request.Assess?.Lora ?? new LoraInput();
        var rank = lora.Rank ?? _defaults.Experts.Rank.BaseRank;
        var largest = Math.Max(rank, lora.LargestRank ?? 4 * rank);
        var learning = _defaults with
        {
            HeldOutPercent = request.Assess?.HeldOutPercent ?? _defaults.HeldOutPercent,
            Novelty = _defaults.Novelty with
            {
                FalseAlarmRate = policy.FalseAlarmRate ?? _defaults.Novelty.FalseAlarmRate,
                LeastSamples = policy.LeastSamples ?? _defaults.Novelty.LeastSamples,
            },
            Router = new RouterOptions { Temperature = policy.Temperature ?? _router.Temperature, TopK = policy.TopK ?? _router.TopK },
            Regression = _defaults.Regression with { Nats = policy.RegressionBudget ?? _defaults.Regression.Nats },
            Experts = _defaults.Experts with
            {
                Adapter = new LoraConfig { Rank = rank, Alpha = lora.Alpha ?? 2 * rank, TargetModules = lora.TargetModules },
                Mode = _defaults.Experts.Mode with { Mode = ModeOf(lora.Mode) },
                Rank = _defaults.Experts.Rank with { BaseRank = rank, LargestRank = largest },
                ReplayPercent = recipe.ReplayPercent ?? _defaults.Experts.ReplayPercent,
                ReplaySamples = recipe.ReplaySamples,
                Training = TrainingOf(recipe, policy.Context, compute, config) with
                {
                    // A new expert starts as the bare backbone, from which it is to move.
                    Drift = (request.Train?.From ?? request.Consolidate?.From) is not null && recipe.DriftBudget is { } nats ? new DriftBudget { MaxNats = nats } : null,
                    TaskDrift = request.Train is not null && recipe.TaskDriftBudget is { } most ? new DriftBudget { MaxNats = most } : null,
                    MaxTokens = request.Consolidate?.Tokens,
                },
            },
        };
        if (learning.Experts.Training.Gradient == GradientScope.DetachedContextQueries && lora.TargetModules.Count > 0 && !lora.TargetModules.Contains("q_proj"))
        {
            throw new InvalidInputException(
                Api.Conditions.Reasons.InvalidInput,
                $"The recipe's gradient is {GradientScopes.DetachedContextQueries}, and q_proj is not among the target modules ({string.Join(", ", lora.TargetModules)}); add it, or choose another gradient.");
        }

        learning.Experts.Validate();
        learning.Novelty.Validate();
        return learning;
    }

    /// <summary>Most tokens of a sample.</summary>
    /// <param name="asked">What the Backbone says; null for the usual.</param>
    /// <param name="config">The backbone's shape, which is never exceeded.</param>
    public static int ContextOf(int? asked, ModelConfig config) => Math.Min(asked ?? Bounds.UsualContext, config.MaxPositions);

    private static TrainingOptions TrainingOf(RecipeInput recipe, int? context, ComputePlace compute, ModelConfig config)
    {
        var defaults = _defaults.Experts.Training;
        var length = ContextOf(context, config);
        var training = defaults with
        {
            Backbone = compute.DataType,
            Context = length,
            Apollo = ApolloOf(recipe.Optimizer),
            Gradient = GradientOf(recipe.Gradient),
            Rollback = recipe.Rollbacks is > 0 and var rollbacks ? new RollbackOptions { MaxRollbacks = rollbacks } : null,
            StepBudget = recipe.StepBudget is { } step ? new StepBudget { MaxNats = step } : null,
            Rows = recipe.BatchSize ?? Math.Clamp(UsualTokensOfStep / length, 1, defaults.Rows),
            Seed = recipe.Seed ?? defaults.Seed,
            Seeding = defaults.Seeding with { Rate = recipe.SeedingRate ?? defaults.Seeding.Rate },
            Consolidation = recipe.ConsolidationRate is { } rate ? defaults.Consolidation with { Rate = rate, FinalRate = rate / 10 } : defaults.Consolidation,
        };
        return recipe.Steps is not { } steps ? training : training with
        {
            MaxSteps = steps,
            EvaluateEvery = TrainingOptions.EvaluateEveryOf(steps),
            Seeding = training.Seeding with { MaxSteps = Math.Max(1, steps / SeedingParts) },
        };
    }

    private static ApolloOptions? ApolloOf(string? optimizer) => optimizer switch
    {
        null or Api.Resources.Optimizers.AdamW => null,
        Api.Resources.Optimizers.Apollo => new ApolloOptions(),
        Api.Resources.Optimizers.ApolloMini => ApolloOptions.Mini,
        _ => throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, $"The request's optimizer is '{optimizer}', expected AdamW, Apollo or ApolloMini."),
    };

    private static GradientScope GradientOf(string? scope) => scope switch
    {
        null or GradientScopes.Everywhere => GradientScope.Everywhere,
        GradientScopes.DetachedContext => GradientScope.DetachedContext,
        GradientScopes.DetachedContextQueries => GradientScope.DetachedContextQueries,
        _ => throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, $"The request's gradient is '{scope}', expected Everywhere, DetachedContext or DetachedContextQueries."),
    };

    private static ModeRequest ModeOf(string mode) => Enum.TryParse<ModeRequest>(mode, ignoreCase: true, out var known)
        ? known
        : throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, $"The request's mode is '{mode}', expected Auto, Activated or Full.");
}
