using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Why;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Tests.Why;

public sealed class StoryTests
{
    [Fact]
    public void A_novel_skill_shows_every_signal_against_its_threshold() => Assert.Equal(
        [
            "Skill reverse of Backbone tiny is ready: Expert reverse serves it.",
            "Its examples are 100 different samples, 20 of them held out to measure on, 1,234 tokens.",
            "Decision Novel: its examples get an expert of their own, reverse.",
            "  In the words of the job: no known skill fits; the nearest is 'sum'.",
            "  The nearest skill is sum, which expert sum has.",
            "  If they belonged to it, samples would look as unusual as these with p = 0.004, not above the false-alarm rate 0.01: they do not look like that skill.",
            "    cosine             p = 0.001    unusual   threshold 0.0025  (where the prompts lie)",
            "    gradient           p = 0.3      as known  threshold 0.0025  (what the answers would teach)",
            "    likelihood-ratio   p = 0.02     as known  threshold 0.0025  (what the expert gains)",
            "    router-entropy     p = 0.0025   unusual   threshold 0.0025  (how undecided the router is)",
            "Expert reverse is mature (100 %): its evidence suffices on all four criteria.",
            "kubectl dylora why expert/reverse says more on its expert.",
        ],
        Of(Objects.Skill(), experts: [Objects.Expert()]));

    [Fact]
    public void A_backbone_whose_set_is_lost_shows_every_way_on() => Assert.Equal(
        "Restore the ConfigMap; or serve a revision that is kept (kubectl dylora rollback tiny --list shows them); or have it begin anew with the bare backbone: "
        + "kubectl patch backbone tiny --subresource=status --type=merge -p '{\"status\":{\"activeRevision\":null}}'",
        Advice.For(Reasons.SetNotFound, "backbone", "tiny"));

    [Theory]
    [InlineData(NoveltyDecisions.Extends, "Decision Extends: expert sum learns them too.")]
    [InlineData(NoveltyDecisions.Covered, "Decision Covered: expert sum knows them already, and nothing is trained.")]
    [InlineData(NoveltyDecisions.InsufficientData, "Decision InsufficientData: there are too few samples.")]
    public void Each_decision_has_its_sentence(string decision, string sentence)
    {
        var lines = Of(Objects.Skill(change: skill =>
        {
            skill.Status.ExpertRef = new() { Name = "sum" };
            skill.Status.Novelty!.Decision = decision;
            skill.Status.Novelty.PValue = "0.5";
            skill.Status.Novelty.HeadStartPercent = 43;
            skill.Status.Novelty.StartFrom = "sum";
        }));

        Assert.Contains(sentence, lines);
        Assert.Contains("  If they belonged to it, samples would look as unusual as these with p = 0.5, above the false-alarm rate 0.01: they look like that skill.", lines);
        Assert.Contains("  Tried for a few steps, the nearest expert was 43 % of what there is to learn ahead of a new one.", lines);
        Assert.Contains("  The new expert starts from the weights of sum, which stays as it is.", lines);
    }

    [Fact]
    public void What_was_left_out_of_the_examples_and_what_is_low_about_them_is_said()
    {
        var lines = Of(Objects.Skill(change: skill =>
        {
            skill.Status.Dataset = new() { Samples = 100, HeldOut = 20, Tokens = 1000, Dropped = 7, Diversity = new() { Coverage = "1.2", Warnings = ["To the backbone the prompts are 1.2 different things."] } };
        })).ToList();

        var first = lines.FindIndex(line => line.StartsWith("Its examples are 100 different samples, 20 of them held out", StringComparison.Ordinal));
        Assert.Equal(["  7 samples that nearly repeat another were left out.", "  Warning: To the backbone the prompts are 1.2 different things."], lines.Skip(first + 1).Take(2));
    }

    [Fact]
    public void A_night_tells_what_it_made_of_each_expert() => Assert.Equal(
        [
            "Consolidation nightly of Backbone tiny is ready: Run 3: 1 Admitted, 1 Refused. The next run is due at 2026-11-27T02:00:00Z.",
            "It runs at 0 3 * * *, Europe/Vienna, the next time at 2026-11-27 02:00 UTC.",
            "Times that it was due and did not run (too late, suspended, or while a run was under way): 1.",
            "Run 3 ended Admitted at 2026-11-26 03:00 UTC.",
            "  reverse          Admitted    0.5 -> 0.4 nats per token, 12 dreams kept",
            "  sum              Refused     Skill reverse would go from 0.5 to 0.9.",
        ],
        NightStory.Of(Objects.Night(), []));

    [Fact]
    public void What_the_spec_decides_has_no_evidence()
    {
        var lines = Of(Objects.Skill(change: skill => skill.Spec.Novelty.Mode = SkillNovelty.Novel));

        Assert.Contains("Decision Novel: its examples get an expert of their own, reverse. The spec says so, so nothing was decided.", lines);
        Assert.DoesNotContain(lines, line => line.Contains("cosine", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_says_which_skill_would_lose_how_much_and_what_to_do()
    {
        var backbone = Objects.Backbone(each => each.Status.Refused = [new() { Expert = "bad", Digest = "sha256:01", Skill = "reverse", Message = "Skill reverse would go from 0.5 to 0.9 nats per token; 0.01 more are allowed." }]);
        string[] expected =
        [
            "Version 1 of expert bad is refused, for Skill reverse would get worse than the budget of 0.01 nats per token allows; the set of before keeps serving.",
            "  Skill reverse would go from 0.5 to 0.9 nats per token; 0.01 more are allowed.",
        ];

        foreach (var lines in (List<string>[])
        [
            Of(Objects.Skill("bad"), backbone, [Objects.Expert("bad")]),
            [.. ExpertStory.Of(Objects.Expert("bad"), Objects.World(backbone), [])],
            [.. BackboneStory.Of(backbone, Objects.World(backbone, experts: [Objects.Expert("bad")]), [])],
        ])
        {
            Assert.All(expected, line => Assert.Contains(line, lines));
            Assert.Contains(lines, line => line.StartsWith("  What to do: Give the skill that would get worse more examples", StringComparison.Ordinal) && line.Contains("annotate --overwrite backbone tiny dylora.dev/retry-at=", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(Reasons.RegressionRefused)]
    [InlineData(Reasons.RollOutStuck)]
    public void What_the_backbone_refused_is_tried_again_there(string reason) => Assert.Contains(
        Of(Objects.Skill(change: skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.False, reason, "It is out")])),
        line => line.Contains("kubectl annotate --overwrite backbone tiny ", StringComparison.Ordinal));

    [Fact]
    public void An_expert_says_whose_weights_it_started_from()
    {
        List<string> lines = [.. ExpertStory.Of(Objects.Expert("sum", expert => expert.Status.StartedFrom = "reverse"), Objects.World(), [])];

        var learnt = lines.IndexOf("Version 1 (Activated, rank 8) has learnt sum.");
        Assert.Equal("  It started from the weights of reverse.", lines[learnt + 1]);
    }

    [Fact]
    public void Immature_experts_say_which_criterion_fails()
    {
        List<string> lines = [.. ExpertStory.Of(Objects.Immature(), Objects.World(skills: [Objects.Skill("sum")]), [])];

        Assert.Contains("Expert sum is 40 % mature; samples holds it back: not enough yet that it has seen enough different samples.", lines);
        Assert.Contains("    gain      is further     it clearly helps on held-out data (75 % less loss than the bare backbone)", lines);
        Assert.Contains("    samples   holds it back  it has seen enough different samples (80 to learn from)", lines);
        Assert.Contains("On 20 held-out samples it loses 0.5 nats per token, the bare backbone 2: 75 % less.", lines);
        Assert.Contains("1/1 pods serve it, and 50 % of the requests reach it.", lines);
    }

    [Fact]
    public void Whatever_waits_says_for_what_and_what_helps()
    {
        var waiting = Objects.Skill("second", skill => skill.Status.Conditions = [Objects.Ready(ConditionStatus.Unknown, Reasons.GrowthBudgetSpent, "Backbone tiny has 1 experts and may have 1")]);

        Assert.Equal(
            ["Skill second of Backbone tiny is not ready yet and waits (GrowthBudgetSpent): Backbone tiny has 1 experts and may have 1.", "  What to do: Raise spec.maxExperts of the Backbone, or delete a Skill."],
            Of(waiting).Take(2));
        Assert.Contains("Skill second waits (GrowthBudgetSpent): Backbone tiny has 1 experts and may have 1.", BackboneStory.Of(Objects.Backbone(), Objects.World(skills: [waiting]), []));
    }

    [Fact]
    public void A_backbone_says_what_it_serves_and_that_it_is_pinned()
    {
        var backbone = Objects.Backbone(each =>
        {
            each.Spec.Serving.Revision = Objects.Revision('b');
            each.Status.Conditions.Add(new() { Type = ConditionTypes.RolledOut, Status = ConditionStatus.Unknown, Reason = Reasons.RollingOut, Message = "0/1 pods have it" });
        });

        List<string> lines = [.. BackboneStory.Of(backbone, Objects.World(backbone, experts: [Objects.Immature()]), [])];

        Assert.Contains("Revision bbbbbbbbbb is served by 1/1 pods: 2 experts, 1 of them mature, so routing is dense; 97 % of held-out prompts reach their expert.", lines);
        Assert.Contains("Its spec pins revision bbbbbbbbbb: nothing newer is served until kubectl dylora rollback tiny --follow.", lines);
        Assert.Contains("Whether all pods serve it: not yet (RollingOut): 0/1 pods have it.", lines);
        Assert.Contains(lines, line => line.StartsWith("Expert sum is 40 % mature", StringComparison.Ordinal));
    }

    [Fact]
    public void An_expert_that_is_not_served_says_that_the_backbone_is_pinned()
    {
        var pinned = Objects.World(Objects.Backbone(each => each.Spec.Serving.Revision = Objects.Revision('a')));

        Assert.Contains("It is not part of the set that is served: the Backbone is pinned to revision aaaaaaaaaa.", ExpertStory.Of(Out(), pinned, []));
        Assert.Contains("It is not part of the set that is served.", ExpertStory.Of(Out(), Objects.World(), []));
        Assert.Contains("It is not part of the set that is served.", ExpertStory.Of(Out(expert => expert.Status.Artifact = null), pinned, []));

        LoraExpert Out(Action<LoraExpert>? change = null) => Objects.Expert("sum", expert =>
        {
            expert.Status.AdmittedDigest = null;
            change?.Invoke(expert);
        });
    }

    [Fact]
    public void A_growth_tells_what_was_measured_what_came_along_and_how_to_go_back() => Assert.Equal(
        [
            "Growth larger of Backbone tiny is ready: Backbone tiny serves it, +16 %.",
            "What each axis promised at first, for the number of its weights: FeedForward 1.2e-2, Depth 4e-3; at most 25 % may be added.",
            "From 1,820,352 to 2,115,264 weights (+16 %):",
            "  feed-forward 512 -> 640.",
            "At the moment of growth logits differed by 1.1e-6 of the largest one; 1e-5 is allowed.",
            "On held-out text of the Skills it differs from that by 4.2e-3 nats per token, before it relearned on 51,200 tokens by 3e-1; 0.01 is allowed.",
            "2/2 experts are carried over.",
            "  reverse          carried over  v2, rank 8, 0.5 nats per token, the bare larger backbone 2",
            "  sum              carried over  v5, rank 16",
            "Whether no skill gets worse on it: yes (WithinBudget): No skill is worse than the budget allows.",
            "It was first served at 2026-11-26 10:00 UTC.",
            "To go back to the smaller backbone and its experts: kubectl dylora rollback tiny --to aaaaaaaaaa",
        ],
        GrowthStory.Of(Objects.Growth(), Objects.World(sets: [Objects.Set('d', 200), Objects.Set('a', 130), Objects.Set('c', 100, "no"), Objects.Grown(Objects.Set('b', 5))]), []));

    [Fact]
    public void A_growth_on_its_way_says_how_far_it_is()
    {
        List<string> lines = [.. GrowthStory.Of(Objects.Migrating(), Objects.World(), [])];

        Assert.Equal("Growth larger of Backbone tiny is not ready yet and waits (MigratingExperts): 1/2 experts are carried over.", lines[0]);
        Assert.Contains("Job larger-migrate-1 works for it.", lines);
        Assert.Equal("  sum              waits", lines[^1]);
        Assert.Contains("Growth larger is not done yet (MigratingExperts): 1/2 experts are carried over.", BackboneStory.Of(Objects.Backbone(), Objects.World() with { Growths = [Objects.Migrating()] }, []));
    }

    [Theory]
    [InlineData(ConditionTypes.Planned, Reasons.GrowthImpossible, "Ask for other operators or sizes")]
    [InlineData(ConditionTypes.Relearned, Reasons.DivergenceTooLarge, "Raise spec.relearning.steps")]
    [InlineData(ConditionTypes.Validated, Reasons.MigrationFailed, "kubectl annotate --overwrite growth larger dylora.dev/retry-at=")]
    [InlineData(ConditionTypes.Validated, Reasons.RegressionRefused, "spec.regression.budget")]
    public void A_growth_that_is_refused_says_what_helps(string condition, string reason, string advice)
    {
        var growth = Objects.Growth(each =>
        {
            each.Status = new() { Conditions = [Objects.Ready(ConditionStatus.False, reason, "It is too large"), new() { Type = condition, Status = ConditionStatus.False, Reason = reason, Message = "It is too large" }] };
        });

        List<string> lines = [.. GrowthStory.Of(growth, Objects.World(), [])];

        Assert.Equal($"Growth larger of Backbone tiny cannot go on ({reason}): It is too large.", lines[0]);
        Assert.StartsWith("  What to do: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(advice, lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_growth_says_that_it_was_rolled_back_or_that_there_is_no_way_back()
    {
        var rolledBack = Objects.Growth(each => each.Status.Conditions = [new() { Type = ConditionTypes.Adopted, Status = ConditionStatus.False, Reason = Reasons.RolledBack }]);

        Assert.Equal("It was rolled back. To grow again: kubectl dylora rollback tiny --follow, then change the Growth or make it anew.", GrowthStory.Of(rolledBack, Objects.World(), []).Last());
        Assert.Equal("There is no way back: no set on the smaller backbone is kept.", GrowthStory.Of(Objects.Growth(), Objects.World(sets: [Objects.Grown(Objects.Set('b', 5))]), []).Last());
        Assert.Contains("rollback tiny --list", GrowthStory.Of(Objects.Growth(), Objects.World() with { Sets = null }, []).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_backbone_says_that_it_has_grown_and_whether_growth_is_due()
    {
        var backbone = Objects.Backbone(each => (each.Status.Grown, each.Status.Pressure) = (Objects.Growth().Status.Backbone, new() { RankPercent = 50, GainPercent = 0, ExpertsPercent = 3 }));

        List<string> lines = [.. BackboneStory.Of(backbone, Objects.World(backbone), [])];

        Assert.Contains("It has grown: 2222222222, 2,115,264 weights, is served in place of what its source holds.", lines);
        Assert.Contains("What says whether growth is due: 50 % of the experts have the largest rank, 0 % are held back by what they gain, and there are 3 % of the experts that there may be.", lines);
    }

    [Fact]
    public void Warnings_come_last_with_their_age() => Assert.Equal(
        ["Warnings that were recorded:", "  5m ago, 3 times: JobFailed: It failed."],
        Outline.Warnings(
            [
                new Corev1Event { Metadata = new(), Type = "Normal", Reason = "Trained", Message = "fine" },
                new Corev1Event { Metadata = new(), Type = "Warning", Reason = "JobFailed", Message = "It failed.", Count = 3, LastTimestamp = Objects.Now.UtcDateTime.AddMinutes(-5) },
            ],
            Objects.Now));

    private static List<string> Of(Skill skill, Backbone? backbone = null, IReadOnlyList<LoraExpert>? experts = null) => [.. SkillStory.Of(skill, Objects.World(backbone, [skill], experts), [])];
}
