using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Demo.Cluster;
using k8s.Models;

namespace DyLoraMoe.Demo.Tests.Cluster;

public sealed class SkillRowsTests
{
    private static readonly TimeSpan _elapsed = TimeSpan.FromSeconds(65);

    [Fact]
    public void A_skill_shows_the_progress_of_its_expert_and_what_that_waits_for()
    {
        var row = SkillRows.Of(Snapshot(percent: 40), _elapsed)[0];

        Assert.Equal(["1:05", "clock", "Novel", "clock", "1", "Seeding", "####...... 40%", "0:20", "90%", "0/1", "Unknown", "JobRunning"], row.Cells);
    }

    [Fact]
    public void Time_alone_is_no_news_and_progress_is_at_every_quarter()
    {
        string Digest(int percent) => SkillRows.Of(Snapshot(percent), _elapsed + TimeSpan.FromSeconds(percent))[0].Digest;

        Assert.Equal(Digest(26), Digest(49));
        Assert.NotEqual(Digest(49), Digest(50));
    }

    [Fact]
    public void Only_what_is_false_or_stalled_is_a_failure()
    {
        var all = Snapshot(percent: 40);
        Assert.Null(Failures.Of(all));

        all.Experts[0].Status.Conditions = [new Condition { Type = "Ready", Status = "False", Reason = "JobFailed", Message = "The job clock-train failed." }];

        Assert.Equal("LoraExpert clock says JobFailed: The job clock-train failed.", Failures.Of(all));
    }

    private static Snapshot Snapshot(int percent) => new(
        [new Backbone { Metadata = new V1ObjectMeta { Name = "tiny" } }],
        [
            new Skill
            {
                Metadata = new V1ObjectMeta { Name = "clock" },
                Status = new SkillStatus
                {
                    Novelty = new NoveltyStatus { Decision = "Novel" },
                    ExpertRef = new LocalReference { Name = "clock" },
                    Conditions = [new Condition { Type = "Ready", Status = "Unknown", Reason = "ExpertNotReady" }],
                },
            },
        ],
        [
            new LoraExpert
            {
                Metadata = new V1ObjectMeta { Name = "clock" },
                Status = new LoraExpertStatus
                {
                    Stage = "Seeding",
                    Job = "clock-train",
                    Served = "0/1",
                    Artifact = new ArtifactStatus { Version = 1 },
                    Evaluation = new EvaluationStatus { GainPercent = 90 },
                    Progress = new TrainingProgress { Percent = percent, EtaSeconds = 20 },
                    Conditions = [new Condition { Type = "Ready", Status = "Unknown", Reason = "JobRunning" }],
                },
            },
        ]);
}
