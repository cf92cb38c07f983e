using System.Globalization;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Skills and their datasets as one annotation: <c>skill=digest</c>, or <c>skill=digest@context</c> where samples were cut, comma-separated, in order.</summary>
internal static class LearnList
{
    public static string Format(IEnumerable<TrainedSkill> skills) =>
        string.Join(',', skills.OrderBy(each => each.Skill, StringComparer.Ordinal).Select(each => each.Context is { } context ? $"{each.Skill}={each.Dataset}@{context}" : $"{each.Skill}={each.Dataset}"));

    public static IReadOnlyList<TrainedSkill> Parse(string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', '@'))
            .Where(parts => parts.Length is 2 or 3)
            .Select(parts => new TrainedSkill { Skill = parts[0], Dataset = parts[1], Context = parts.Length == 3 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var context) ? context : null }),
    ];
}
