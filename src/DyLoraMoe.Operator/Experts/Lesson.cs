using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What an expert is to learn, and what it knows and is to keep.</summary>
internal sealed record Lesson(IReadOnlyList<Skill> Learn, IReadOnlyList<Skill> Keep)
{
    public IReadOnlyList<TrainedSkill> LearnList { get; } = [.. Learn.Select(Entry)];

    public IReadOnlyList<TrainedSkill> KeepList { get; } = [.. Keep.Select(Entry)];

    /// <summary>From what it has learnt and what its skills have now.</summary>
    /// <param name="known">What it has learnt.</param>
    /// <param name="skills">Its skills.</param>
    /// <param name="context">The context of today: data that were cut for a smaller one are about to be read again, and learnt then.</param>
    public static Lesson Of(IReadOnlyList<TrainedSkill> known, IReadOnlyList<Skill> skills, int context)
    {
        Skill[] keep = [.. skills.Where(skill => Knows(known, skill.Metadata.Name, skill.Status.Dataset!))];
        return new([.. skills.Except(keep).Where(skill => !(skill.Status.Dataset!.Context < context)).Take(Math.Max(0, Bounds.Skills - keep.Length))], keep);
    }

    /// <summary>Whether data are among what was learnt, and as much of them as there is now: what was cut for a smaller context was learnt in part.</summary>
    public static bool Knows(IEnumerable<TrainedSkill>? known, string skill, DatasetStatus dataset) =>
        known?.Any(each => each.Skill == skill && each.Dataset == dataset.Digest && (each.Context is not { } learnt || learnt >= dataset.Context)) == true;

    private static TrainedSkill Entry(Skill skill) => new() { Skill = skill.Metadata.Name, Dataset = skill.Status.Dataset!.Digest!, Context = skill.Status.Dataset.Context };
}
