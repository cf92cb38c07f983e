using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Kubectl.Learn;

namespace DyLoraMoe.Kubectl.Tests.Learn;

public sealed class SkillStepTests
{
    [Fact]
    public void A_training_shows_a_bar_and_what_is_left()
    {
        var world = Objects.World(
            skills: [Objects.Skill(change: skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.Unknown, Reasons.ExpertNotReady, "waits")])],
            experts: [Objects.Expert(change: expert =>
            {
                expert.Status.Job = "reverse-train-1";
                expert.Status.Progress = new() { Percent = 40, Loss = "1.25", EtaSeconds = 65 };
                expert.Status.Conditions = [Objects.Ready(ConditionStatus.Unknown, Reasons.Seeding, "Job reverse-train-1 is running.")];
            })]);

        var step = SkillStep.Of(world, "reverse");

        Assert.Equal("████░░░░░░ 40 %  Seeding: Job reverse-train-1 is running. Loss 1.25. 1:05 left.", step.Line);
        Assert.False(step.IsReady || step.IsRefused);
    }

    [Fact]
    public void An_older_state_is_not_taken_for_the_new_one()
    {
        var step = SkillStep.Of(Objects.World(skills: [Objects.Skill(change: skill => skill.Metadata.Generation = 2)]), "reverse");

        Assert.Equal(("Waits for the operator.", false), (step.Text, step.IsReady));
    }

    [Fact]
    public void Ready_and_refused_end_it()
    {
        Assert.True(SkillStep.Of(Objects.World(skills: [Objects.Skill()]), "reverse").IsReady);
        var failed = Objects.Skill(change: skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.False, Reasons.DataInvalid, "line 3")]);
        Assert.Equal(("DataInvalid: line 3", true), (SkillStep.Of(Objects.World(skills: [failed]), "reverse").Text, SkillStep.Of(Objects.World(skills: [failed]), "reverse").IsRefused));
        Assert.True(SkillStep.Of(Objects.World(), "reverse").IsRefused);
    }
}
