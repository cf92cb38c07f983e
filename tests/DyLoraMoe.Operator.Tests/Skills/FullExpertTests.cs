using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Skills;

namespace DyLoraMoe.Operator.Tests.Skills;

/// <summary>No status takes more skills of an expert than <see cref="Bounds.Skills"/>.</summary>
public sealed class FullExpertTests
{
    [Theory]
    [InlineData(Bounds.Skills - 1, "late", false)]
    [InlineData(Bounds.Skills, "late", true)]
    [InlineData(Bounds.Skills, "first", false)]
    [InlineData(Bounds.Skills, "known", false)]
    public void An_expert_that_is_full_takes_only_what_it_has(int skills, string skill, bool isFull)
    {
        var expert = new LoraExpert { Metadata = new() { Name = "reverse" }, Spec = new() { SkillRef = new() { Name = "first" } } };
        expert.Status.TrainedOn = [new() { Skill = "known", Dataset = "sha256:known" }];

        Assert.Equal(isFull, ChooseExpert.IsFull(expert, skill, Skills(skills)));
    }

    [Fact]
    public void A_training_takes_no_more_skills_than_a_status_may_name()
    {
        var skills = Skills(Bounds.Skills + 1);
        var known = Lesson.Of([], [.. skills.Take(2)], context: 256).LearnList;

        var lesson = Lesson.Of(known, skills, context: 256);

        Assert.Equal((2, Bounds.Skills - 2), (lesson.Keep.Count, lesson.Learn.Count));
        Assert.Equal(Bounds.Skills, Lesson.Of([], skills, context: 256).Learn.Count);
    }

    private static List<Skill> Skills(int count) =>
    [
        .. Enumerable.Range(0, count).Select(number =>
        {
            var skill = new Skill { Metadata = new() { Name = $"skill-{number}" } };
            (skill.Status.ExpertRef, skill.Status.Dataset, skill.Status.Novelty) = (new() { Name = "reverse" }, new() { Digest = $"sha256:{number}" }, new() { Decision = NoveltyDecisions.Extends });
            return skill;
        }),
    ];
}
