using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What an expert is to learn, and what it knows and is to keep.</summary>
internal sealed record Lesson(IReadOnlyList<Skill> Learn, IReadOnlyList<Skill> Keep)
{
    public IReadOnlyList<TrainedSkill> LearnList { get; } = [.. Learn.Select(Entry)];

    public IReadOnlyList<TrainedSkill> KeepList { get; } = [.. Keep.Select(Entry)];

    /// <summary>From what it has learnt and what its skills have now.</summary>
    public static Lesson Of(LoraExpertStatus status, IReadOnlyList<Skill> skills)
    {
        var known = status.TrainedOn ?? [];
        Skill[] keep = [.. skills.Where(skill => known.Contains(Entry(skill)))];
        return new([.. skills.Where(skill => !known.Contains(Entry(skill))).Take(Math.Max(0, Bounds.Skills - keep.Length))], keep);
    }

    private static TrainedSkill Entry(Skill skill) => new() { Skill = skill.Metadata.Name, Dataset = skill.Status.Dataset!.Digest! };
}
