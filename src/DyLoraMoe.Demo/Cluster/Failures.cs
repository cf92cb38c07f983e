using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Demo.Cluster;

/// <summary>What has really failed, as opposed to what is not done yet.</summary>
internal static class Failures
{
    /// <summary>The first failure in a sentence; null when there is none.</summary>
    public static string? Of(Snapshot all) =>
        all.Experts.Select(expert => Of("LoraExpert", expert.Metadata.Name, expert.Status)).Concat(
        all.Skills.Select(skill => Of(Skill.KindName, skill.Metadata.Name, skill.Status))).Concat(
        all.Backbones.Select(backbone => Of(Backbone.KindName, backbone.Metadata.Name, backbone.Status)))
        .FirstOrDefault(failure => failure is not null);

    private static string? Of(string kind, string name, IConditioned status)
    {
        var stalled = status.Conditions.IsTrue(ConditionTypes.Stalled) ? status.Conditions.Find(ConditionTypes.Stalled) : null;
        return (stalled ?? (status.Conditions.IsFalse(ConditionTypes.Ready) ? status.Conditions.Find(ConditionTypes.Ready) : null)) is { } condition
            ? $"{kind} {name} says {condition.Reason}: {condition.Message}"
            : null;
    }
}
