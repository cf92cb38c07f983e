using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>Rules of the parts that several kinds have: names, places of files, recipes.</summary>
internal static class PlaceRules
{
    public static void Name(ErrorList errors, string? name)
    {
        const string Path = "metadata.name";
        if (FieldBounds.Length(name ?? "") > Bounds.NameLength)
        {
            errors.Add(Path, $"at most {Bounds.NameLength} characters", $"{name!.Length}", "choose a shorter name: names of Jobs and pods are made from it");
        }

        FieldBounds.Looks(errors, Path, name ?? "", Patterns.ResourceName);
    }

    public static void Claim(ErrorList errors, string path, ClaimSource? claim)
    {
        if (claim?.Path is { } folder && folder.Split('/').Contains(".."))
        {
            errors.Add(path + ".path", "a path that stays on the volume", ErrorList.Show(folder), "remove the parts that are '..'");
        }
    }

    public static void Recipe(ErrorList errors, string path, TrainingRecipe recipe)
    {
        errors.Number(path + ".seedingRate", recipe.SeedingRate, rate => rate is > 0 and <= 1, "above 0 and at most 1");
        errors.Number(path + ".consolidationRate", recipe.ConsolidationRate, rate => rate is > 0 and <= 1, "above 0 and at most 1");
        errors.Number(path + ".driftBudget", recipe.DriftBudget, budget => budget is >= 1e-9 and <= 1000, "from 1e-9 to 1000");
        errors.Number(path + ".taskDriftBudget", recipe.TaskDriftBudget, budget => budget is >= 1e-9 and <= 1000, "from 1e-9 to 1000");
        errors.Number(path + ".stepBudget", recipe.StepBudget, budget => budget is >= 1e-9 and <= 1000, "from 1e-9 to 1000");
    }

    public static void Ranks(ErrorList errors, string path, int? rank, int? largestRank)
    {
        if (rank > largestRank)
        {
            errors.Add(path + ".rank", $"at most largestRank, {largestRank}", $"{rank}", "raise largestRank or lower rank");
        }
    }

    public static bool SameSet(IList<string>? old, IList<string>? now) =>
        old is null == now is null && (old is null || old.ToHashSet(StringComparer.Ordinal).SetEquals(now!));
}
