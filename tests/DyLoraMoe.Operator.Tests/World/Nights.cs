using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>What tests of nights begin with and look at.</summary>
internal static class Nights
{
    /// <summary>A world in which these skills, each with what its data say behind a line end, are learnt.</summary>
    public static async Task<OperatorWorld> WithExpertsAsync(params string[] skills)
    {
        var world = new OperatorWorld();
        world.Apply();
        foreach (var skill in skills)
        {
            var parts = skill.Split('\n', 2);
            world.Learn(parts[0], parts.ElementAtOrDefault(1) ?? "");
        }

        await world.SettleAsync();
        return world;
    }

    public static (int Number, string? Outcome, string? Progress) Run(Consolidation night) => night.Status.Run is { } run ? (run.Number, run.Outcome, run.Progress) : default;

    public static (string, string) Ready(Consolidation night) => Found(night, ConditionTypes.Ready);

    public static (string, string) Found(Consolidation night, string type) => night.Status.Conditions.Find(type) is { } condition ? (condition.Status, condition.Reason) : ("", "");
}
