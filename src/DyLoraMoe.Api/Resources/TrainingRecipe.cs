using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How an expert is trained. What is left out comes from the Skill, then from the Backbone, then from the trainer.</summary>
public sealed record TrainingRecipe
{
    /// <summary>How weights follow their gradients. Apollo and ApolloMini save memory where whole matrices are trained; an expert's factors are narrow already, so it gains nothing by them. The trainer's default is AdamW.</summary>
    [EnumValues(Optimizers.AdamW, Optimizers.Apollo, Optimizers.ApolloMini)]
    public string? Optimizer { get; set; }

    /// <summary>
    /// How far the gradient of an answer goes. DetachedContext keeps to the answer's own positions, with the keys and values of the prompt as constants: much less memory and time where
    /// prompts are long, and nothing else for an expert of mode Activated. DetachedContextQueries does so for query projections alone. Everywhere when left out.
    /// </summary>
    [EnumValues(GradientScopes.Everywhere, GradientScopes.DetachedContext, GradientScopes.DetachedContextQueries)]
    public string? Gradient { get; set; }

    /// <summary>Steps in all, both phases and the trials of mode and rank. The trainer's default is 600.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    public int? Steps { get; set; }

    /// <summary>Rows in a step, each of as many tokens as the Backbone's context. Short samples share a row and do not see each other. The trainer's default is 8, or as many as have 2,048 tokens together where that is fewer, and at least one.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    public int? BatchSize { get; set; }

    /// <summary>Learning rate of the first phase, seeding: a number as text, such as "2e-3", which is the trainer's default.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) > 0.0 && double(self) <= 1.0", message: "must be above 0 and at most 1")]
    public string? SeedingRate { get; set; }

    /// <summary>Learning rate of the second phase, consolidation: a number as text, such as "2e-4", which is the trainer's default.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) > 0.0 && double(self) <= 1.0", message: "must be above 0 and at most 1")]
    public string? ConsolidationRate { get; set; }

    /// <summary>Share of an extension's tokens, in percent, that repeat what the expert knows already. The trainer's default is 50.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(99)]
    public int? ReplayPercent { get; set; }

    /// <summary>Most samples of each skill that an extension repeats; all, when left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    public int? ReplaySamples { get; set; }

    /// <summary>How far an expert that is extended may drift from what it said before, in nats per token: a number as text, such as "0.05". The trainer sets none by default.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.000000001 && double(self) <= 1000.0", message: "must be from 1e-9 to 1000")]
    public string? DriftBudget { get; set; }

    /// <summary>How far an expert may be from the bare backbone on samples of the new skill, in nats per token: a number as text, such as "0.5". The trainer sets none by default.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.000000001 && double(self) <= 1000.0", message: "must be from 1e-9 to 1000")]
    public string? TaskDriftBudget { get; set; }

    /// <summary>Most that one step may change what is predicted, in nats per token: a number as text, such as "1e-3". Lowers the rate where it would be more. The trainer sets none by default.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.000000001 && double(self) <= 1000.0", message: "must be from 1e-9 to 1000")]
    public string? StepBudget { get; set; }

    /// <summary>How often a training may go back to its last good weights and on at half the rate, instead of ending, when something is wrong. The trainer's default is 0.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(1000)]
    public int? Rollbacks { get; set; }

    /// <summary>Seed of everything that is random. The trainer's default is 1.</summary>
    [RangeMinimum(0)]
    public int? Seed { get; set; }

    /// <summary>Time between checkpoints. The trainer's default is 600: as much is lost when a node fails.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(86_400)]
    public int? CheckpointSeconds { get; set; }
}
