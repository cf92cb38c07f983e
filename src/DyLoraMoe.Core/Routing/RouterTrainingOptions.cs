using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Routing;

/// <summary>How a router is fitted on stored features.</summary>
public sealed record RouterTrainingOptions
{
    /// <summary>Optimizer steps. The default, 300, fits twenty skills in about a second.</summary>
    [Range(1, 1_000_000)]
    public int Steps { get; init; } = 300;

    /// <summary>Prompts of one step, the same number from every skill. The default is 256.</summary>
    [Range(2, 1 << 20)]
    public int Window { get; init; } = 256;

    /// <summary>Adam's first rate; it falls to zero along a cosine.</summary>
    [Range(1e-6, 10.0)]
    public double Rate { get; init; } = 0.05;

    /// <summary>Weight of <c>½ ‖W‖²</c>; keeps the gate from growing ever more certain on skills it separates easily.</summary>
    [Range(0.0, 1.0)]
    public double L2 { get; init; } = 1e-5;

    /// <summary>Weight of KL(p_old ‖ p_new) on the features of skills whose owner was fitted before. The default, 1, counts as much as the label.</summary>
    [Range(0.0, 1000.0)]
    public double Distillation { get; init; } = 1;

    /// <summary>Weight of the load-balancing loss while the set is wholly immature; it fades as the least maturity rises. The default, 0.01, is Switch's.</summary>
    [Range(0.0, 10.0)]
    public double Balance { get; init; } = 0.01;

    /// <summary>Share of an expert's own held-out prompts that it may lose so that held-out prompts of other skills go back to theirs. The default, 0.05, is one in twenty.</summary>
    [Range(0.0, 1.0)]
    public double HoldBack { get; init; } = 0.05;

    /// <summary>Refuse to fit when an expert that was fitted before, or the backbone, comes without samples: the gate would forget it.</summary>
    public bool RequireEverySkill { get; init; } = true;

    /// <summary>Seed of the order in which prompts are seen.</summary>
    public ulong Seed { get; init; } = 1;
}
