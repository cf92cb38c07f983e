using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Skills and their datasets as one annotation: <c>skill=digest</c>, comma-separated, in order.</summary>
internal static class LearnList
{
    public static string Format(IEnumerable<TrainedSkill> skills) =>
        string.Join(',', skills.OrderBy(each => each.Skill, StringComparer.Ordinal).Select(each => $"{each.Skill}={each.Dataset}"));

    public static IReadOnlyList<TrainedSkill> Parse(string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => new TrainedSkill { Skill = parts[0], Dataset = parts[1] }),
    ];
}
