using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>One way to learn an answer behind a long context.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">What the table says.</param>
/// <param name="Mode">Mode of the adapter that trains; null for the whole model.</param>
/// <param name="Loss">Which tokens count.</param>
/// <param name="Gradient">Where their gradient goes.</param>
internal sealed record ContextArm(string Name, string Title, AdapterMode? Mode, LossOn Loss, GradientScope Gradient)
{
    public static IReadOnlyList<ContextArm> All { get; } =
    [
        new("full", "whole model, full loss", null, LossOn.Everything, GradientScope.Everywhere),
        new("answer", "whole model, answer only", null, LossOn.Answer, GradientScope.Everywhere),
        new("detached", "whole model, detached context", null, LossOn.Answer, GradientScope.DetachedContext),
        new("queries", "whole model, detached context, queries alone", null, LossOn.Answer, GradientScope.DetachedContextQueries),
        new("lora-full", "LoRA, full loss", AdapterMode.Full, LossOn.Everything, GradientScope.Everywhere),
        new("lora-answer", "LoRA, answer only", AdapterMode.Full, LossOn.Answer, GradientScope.Everywhere),
        new("lora-detached", "LoRA, detached context", AdapterMode.Full, LossOn.Answer, GradientScope.DetachedContext),
        new("activated-answer", "activated LoRA, answer only", AdapterMode.Activated, LossOn.Answer, GradientScope.Everywhere),
        new("activated", "activated LoRA, detached context, read once", AdapterMode.Activated, LossOn.Answer, GradientScope.DetachedContext),
    ];
}
