using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks.Decision;

/// <summary>One way to train an expert.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Title">What the table says.</param>
/// <param name="Mode">Mode of the expert.</param>
/// <param name="Loss">Which tokens count.</param>
/// <param name="Gradient">Where their gradient goes.</param>
internal sealed record DecisionArm(string Name, string Title, AdapterMode Mode, LossOn Loss, GradientScope Gradient)
{
    public static DecisionArm Activated { get; } = new("activated", "activated", AdapterMode.Activated, LossOn.Answer, GradientScope.Everywhere);

    public static IReadOnlyList<DecisionArm> All { get; } =
    [
        new("full", "full loss", AdapterMode.Full, LossOn.Everything, GradientScope.Everywhere),
        new("answer", "answer only", AdapterMode.Full, LossOn.Answer, GradientScope.Everywhere),
        new("detached", "detached context", AdapterMode.Full, LossOn.Answer, GradientScope.DetachedContext),
        new("queries", "detached context, queries alone", AdapterMode.Full, LossOn.Answer, GradientScope.DetachedContextQueries),
        Activated,
    ];
}
