using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Status;

namespace DyLoraMoe.Kubectl.Tests.Status;

public sealed class StatusTreeTests
{
    [Fact]
    public void Everything_of_a_backbone_is_below_it()
    {
        var world = Objects.World(
            skills: [Objects.Skill(), Objects.Skill("sum", skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.Unknown, Reasons.ExpertNotReady, "Expert sum: waits")])],
            experts: [Objects.Expert(), Objects.Expert("sum", expert =>
            {
                expert.Status = new()
                {
                    Stage = ExpertStages.Seeding,
                    Job = "sum-train-1",
                    Progress = new() { Percent = 40, Phase = "Seeding", Step = 1040, Steps = 2600, Loss = "1.25", TokensPerSecond = 1200, EtaSeconds = 65 },
                    Conditions = [Objects.Ready(ConditionStatus.Unknown, Reasons.Seeding, "Job sum-train-1 is running.")],
                };
            })],
            jobs: [Objects.Job("sum-train-1", 3), Objects.Job("reverse-train-1", 9, isOver: true)],
            sets: [Objects.Set('a', 130), Objects.Set('b', 5, null, "reverse"), Objects.Set('c', 1, "did not become ready", "reverse", "bad")]) with
        {
            Nights = [Objects.Night()],
        };

        Assert.Equal(
            """
            Backbone tiny  Ready  2 experts, 1 mature  dense routing  97 % of held-out prompts reach their expert  pods 1/1
            ├── Skills
            │   ├── reverse  Ready  Novel → reverse  100 samples
            │   └── sum  ExpertNotReady  Novel → sum  100 samples
            ├── Experts
            │   ├── reverse  Mature  maturity ██████████ 100 %  gain 75 %  v1  served 1/1  50 % of the traffic
            │   └── sum  Seeding
            │       └── Seeding ████░░░░░░ 40 %  step 1,040 of 2,600  loss 1.25  1,200 tokens/s  1:05 left
            ├── Nights
            │   └── nightly  0 3 * * * Europe/Vienna  Ready  run 3  2/2 experts  Admitted  9h ago
            ├── Jobs
            │   └── sum-train-1  Train  running  3m
            └── Revisions
                ├── cccccccccc  given up  reverse v1, bad v1  60s
                ├── bbbbbbbbbb  active  reverse v1  5m
                └── aaaaaaaaaa  previous  the bare backbone  2h

            """.ReplaceLineEndings("\n"),
            Text(world));
    }

    [Fact]
    public void A_growth_shows_how_far_it_is_and_the_backbone_how_large_it_has_become()
    {
        var backbone = Objects.Backbone(each => each.Status.Grown = Objects.Growth().Status.Backbone);
        var text = Text(Objects.World(backbone) with { Growths = [Objects.Growth(), Objects.Migrating()] });

        Assert.Contains("97 % of held-out prompts reach their expert  grown to 2,115,264 weights  pods 1/1", text, StringComparison.Ordinal);
        Assert.Contains("├── larger  Ready: BackboneAdopted  +16 %  2/2 experts  divergence 4.2e-3 nats per token", text, StringComparison.Ordinal);
        Assert.Contains("└── larger  MigratingExperts  +16 %  1/2 experts  divergence 4.2e-3 nats per token\n        └── 1/2 experts are carried over.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fails_or_waits_says_why()
    {
        var world = Objects.World(
            Objects.Backbone(backbone =>
            {
                backbone.Status.Refused = [new() { Expert = "bad", Digest = "sha256:01", Skill = "reverse", Message = "Skill reverse would go from 0.5 to 0.9 [nats]." }];
                backbone.Spec.Serving.Revision = Objects.Revision('b');
            }),
            skills: [Objects.Skill("bad", skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.False, Reasons.RegressionRefused, "worse [by] 0.4")])],
            experts: [Objects.Expert("bad")],
            sets: [Objects.Set('b', 5)]);

        var text = Text(world);

        Assert.Contains("bad  Failed: RegressionRefused", text, StringComparison.Ordinal);
        Assert.Contains("└── worse [by] 0.4", text, StringComparison.Ordinal);
        Assert.Contains("└── refused  Skill reverse would go from 0.5 to 0.9 [nats].", text, StringComparison.Ordinal);
        Assert.Contains("bbbbbbbbbb  active  pinned by the spec", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_caller_may_not_see_is_said()
    {
        var text = Text(Objects.World() with { Jobs = null, Sets = null });

        Assert.Contains("Jobs: you have no right to see them", text, StringComparison.Ordinal);
        Assert.Contains("Revisions: you have no right to see them", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_may_see_skills_alone_sees_them_below_the_names_of_their_backbones()
    {
        var world = new World(null, [Objects.Skill()], null, null, null) with { Nights = null, Growths = null };

        Assert.Equal(
            """
            Backbone tiny
            ├── Skills
            │   └── reverse  Ready  Novel → reverse  100 samples
            ├── Experts: you have no right to see them
            ├── Nights: you have no right to see them
            ├── Growths: you have no right to see them
            ├── Jobs: you have no right to see them
            └── Revisions: you have no right to see them
            Backbones: you have no right to see them

            """.ReplaceLineEndings("\n"),
            Text(world));
        Assert.Equal(["backbones", "experts", "nights", "growths", "jobs", "revisions"], world.Hidden);
        var entry = JsonNode.Parse(StatusDocument.Of(world, null))!["backbones"]![0]!;
        Assert.Equal("tiny Unknown Forbidden reverse", string.Join(' ', entry["name"], entry["state"], entry["reason"], entry["skills"]![0]!["name"]));
        Assert.Null(entry["experts"]);
    }

    [Fact]
    public void The_revisions_of_a_backbone_that_the_caller_may_not_see_are_shown_without_what_it_says_of_them() =>
        Assert.Contains("bbbbbbbbbb  reverse v1  5m", Text(Objects.World(skills: [Objects.Skill()], experts: [Objects.Expert()], sets: [Objects.Set('b', 5, null, "reverse")]) with { Backbones = null }), StringComparison.Ordinal);

    [Fact]
    public void Skills_of_no_backbone_are_not_lost() =>
        Assert.Contains("reverse  Backbone tiny", Text(new World([], [Objects.Skill()], [], [], [])), StringComparison.Ordinal);

    [Fact]
    public void The_json_holds_the_same()
    {
        var backbone = JsonNode.Parse(StatusDocument.Of(Objects.World(skills: [Objects.Skill()], experts: [Objects.Immature()], sets: [Objects.Set('b', 5, null, "sum")]), "tiny"))!["backbones"]![0]!;

        Assert.Equal("tiny Ready Novel 40 samples sum", string.Join(' ', backbone["name"], backbone["state"], backbone["skills"]![0]!["decision"], backbone["experts"]![0]!["maturityPercent"], backbone["experts"]![0]!["heldBackBy"], backbone["revisions"]![0]!["experts"]![0]!["name"]));
    }

    [Fact]
    public void The_json_holds_growths_and_what_says_whether_one_is_due()
    {
        var backbone = Objects.Backbone(each => (each.Status.Grown, each.Status.Pressure) = (Objects.Growth().Status.Backbone, new() { RankPercent = 50, GainPercent = 0, ExpertsPercent = 3 }));
        var entry = JsonNode.Parse(StatusDocument.Of(Objects.World(backbone) with { Growths = [Objects.Growth()] }, "tiny"))!["backbones"]![0]!;

        Assert.Equal("larger Ready BackboneAdopted +16 % 2/2 4.2e-3 2115264 50", string.Join(' ', entry["growths"]![0]!["name"], entry["growths"]![0]!["state"], entry["growths"]![0]!["reason"], entry["growths"]![0]!["grown"], entry["growths"]![0]!["migrated"], entry["growths"]![0]!["divergence"], entry["grown"]!["parameters"], entry["pressure"]!["rankPercent"]));
    }

    private static string Text(World world)
    {
        var text = new StringWriter();
        new Terminal(text, TextWriter.Null, TextReader.Null, isLive: false, isTyped: false).Out.Write(TreeView.Of(StatusTree.Of(world, null, Objects.Now)));
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
    }
}
