using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>What one run does: everything that tells it from the other arms.</summary>
internal sealed record TrialOptions
{
    /// <summary>The experiment, such as <c>dreams</c>.</summary>
    public required string Experiment { get; init; }

    /// <summary>The arm's name within it.</summary>
    public required string Arm { get; init; }

    /// <summary>The paired run; 0 is for tuning.</summary>
    public required int Run { get; init; }

    /// <summary>The highest rate.</summary>
    public required double Rate { get; init; }

    /// <summary>What is switched on.</summary>
    public Mechanisms Mechanisms { get; init; } = Mechanisms.Diversity;

    /// <summary>Whether what is taught arrives mixed, whatever <see cref="Mechanisms"/> says: the factorial alone asks for an order.</summary>
    public bool IsMixed { get; init; } = true;

    /// <summary>Whether a part of the answers belongs to other prompts, a batch is poisoned, the rate is ten times too high for a while, and the data change for a while.</summary>
    public bool IsStressed { get; init; }

    /// <summary>Whether answers are those of other prompts.</summary>
    public bool IsShuffled { get; init; }

    /// <summary>The tokens that the loss counts.</summary>
    public LossOn Loss { get; init; } = LossOn.Answer;

    /// <summary>Where the gradient goes, where <see cref="Mechanisms"/> does not say.</summary>
    public GradientScope Gradient { get; init; }

    /// <summary>Whether an Activated adapter is trained in the place of the model.</summary>
    public bool IsActivatedAdapter { get; init; }

    /// <summary>Ends the run at the first measurement in which a held-out answer costs at most that many nats a token; null for the whole budget.</summary>
    public double? Until { get; init; }

    /// <summary>Where the second half takes a share of its tokens from, where <see cref="Mechanisms"/> does not say.</summary>
    public DreamSource Dreams { get; init; }

    /// <summary>Share of the budget that is used.</summary>
    public double Budget { get; init; } = 1;
}

/// <summary>What a quarter of the tokens is from half of the budget on.</summary>
internal enum DreamSource
{
    /// <summary>More of the same.</summary>
    None,

    /// <summary>Collisions on the graph, with whatever the model answers first.</summary>
    Unfiltered,

    /// <summary>Collisions on the graph that pass agreement and the verifier.</summary>
    Filtered,

    /// <summary>Collisions of memories drawn evenly, without the graph, filtered alike.</summary>
    FilteredWithoutGraph,

    /// <summary>Right answers to pairs that are not taught: the upper bound.</summary>
    Oracle,
}
