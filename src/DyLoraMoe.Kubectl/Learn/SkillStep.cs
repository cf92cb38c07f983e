using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>Where a skill is on its way.</summary>
/// <param name="Text">In words.</param>
/// <param name="Percent">How far its training is; null when none runs.</param>
/// <param name="IsReady">Whether it is served.</param>
/// <param name="IsRefused">Whether only a person can help.</param>
internal sealed record SkillStep(string Text, int? Percent, bool IsReady, bool IsRefused)
{
    /// <summary>The text, with a bar while a training runs.</summary>
    public string Line => Percent is { } percent ? $"{Figures.Bar(percent)}  {Text}" : Text;

    /// <summary>The step of a skill.</summary>
    /// <param name="world">What there is.</param>
    /// <param name="name">The skill.</param>
    public static SkillStep Of(World world, string name)
    {
        if (world.Skill(name) is not { } skill)
        {
            return new("The skill is gone.", null, false, IsRefused: true);
        }

        var ready = skill.Status.Conditions.Find(ConditionTypes.Ready);
        if (skill.Status.ObservedGeneration < skill.Metadata.Generation || ready is null)
        {
            return new("Waits for the operator.", null, false, false);
        }

        if (ready.Status != ConditionStatus.Unknown)
        {
            return new($"{ready.Reason}: {ready.Message}", null, ready.Status == ConditionStatus.True, ready.Status == ConditionStatus.False);
        }

        var expert = world.Expert(skill.Status.ExpertRef?.Name);
        var progress = expert?.Status.Job is null ? null : expert.Status.Progress;
        var state = ready.Reason == Reasons.ExpertNotReady && expert?.Status.Conditions.Find(ConditionTypes.Ready) is { Status: not ConditionStatus.True } its ? its : ready;
        if (state.Reason == Reasons.NotInSet && world.Backbone(skill.Spec.BackboneRef.Name)?.Status.Conditions.Find(ConditionTypes.Ready) is { Status: ConditionStatus.Unknown } set)
        {
            state = set;
        }

        return new($"{state.Reason}: {state.Message}{Rest(progress)}", progress?.Percent, false, false);
    }

    private static string Rest(TrainingProgress? progress) => string.Concat(
        progress?.Loss is { } loss ? $" Loss {loss}." : "",
        progress?.Rollbacks is { } rollbacks and > 0 ? $" Rolled back {rollbacks}×." : "",
        progress?.EtaSeconds is { } seconds ? $" {Figures.Clock(seconds)} left." : "");
}
