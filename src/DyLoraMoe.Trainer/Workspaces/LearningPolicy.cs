using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>Everything that decides what a workspace makes of the data it is given.</summary>
internal sealed record LearningPolicy
{
    /// <summary>Share of the samples that is measured and never learnt, in percent. A fifth, since novelty, routing and regressions are all judged by it.</summary>
    public int HeldOutPercent { get; init; } = 20;

    /// <summary>How new data are told from known skills.</summary>
    public NoveltyOptions Novelty { get; init; } = new();

    /// <summary>How experts are made and trained.</summary>
    public ExpertPolicy Experts { get; init; } = new();

    /// <summary>When an expert counts as mature.</summary>
    public MaturityPolicy Maturity { get; init; } = new();

    /// <summary>How the router turns scores into weights; null to leave it as it is in the set that serves.</summary>
    public RouterOptions? Router { get; init; }

    /// <summary>How the router is fitted.</summary>
    public RouterTrainingOptions RouterTraining { get; init; } = new();

    /// <summary>How the router is tuned by the language loss once it is fitted; null for not at all.</summary>
    public RouterLanguageLossOptions? LanguageLoss { get; init; }

    /// <summary>What an older skill may lose.</summary>
    public RegressionBudget Regression { get; init; } = new();

    /// <summary>Prompts that the backbone makes up itself, which stand for what belongs to no skill.</summary>
    public int Anchors { get; init; } = 256;

    /// <summary>Seed of everything that is random besides training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How data are read.</summary>
    public DataPolicy Data => new(Experts.Training.Context, HeldOutPercent, Experts.Training.Loss);

    /// <summary>The policy with the way of reading data that a workspace keeps to.</summary>
    public LearningPolicy Reading(DataPolicy data) => this with
    {
        HeldOutPercent = data.HeldOutPercent,
        Experts = Experts with { Training = Experts.Training with { Context = data.Context, Loss = data.Loss } },
    };
}
