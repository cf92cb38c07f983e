using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>What happens to skills that do harm, cannot be learnt or may not be, and to those beside them.</summary>
public sealed class SkillsInTroubleTests(SharedCluster shared) : SkillLives(shared)
{
    [Fact]
    public async Task What_makes_an_older_skill_worse_is_refused_and_the_active_set_goes_on_serving()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("reverse"));
        await Ready("reverse");
        var active = (string)(await Backbones.FindAsync("tiny")).Status("activeRevision")!;

        await Kubectl.ApplyAsync(Manifests.All(Manifests.Skill("harmful", "regresses reverse"), Manifests.Skill("harmless")));

        var refused = await Skills.UntilAsync("harmful", skill => skill.Has("Ready", "False", "RegressionRefused"), _patience, "refused");
        Assert.True(refused.Has("Stalled", "True"));
        Assert.Contains("reverse", refused.Conditions().Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);
        await Ready("harmless");
        Assert.True((await Skills.FindAsync("reverse")).IsReady());
        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady(), _patience, "Ready");
        Assert.NotEqual(active, (string)backbone.Status("activeRevision")!);
        Assert.Equal(2, (int)backbone.Status("experts")!);
    }

    [Fact]
    public async Task A_set_that_cannot_be_loaded_never_replaces_the_one_that_serves()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("reverse"));
        await Ready("reverse");
        var active = (string)(await Backbones.FindAsync("tiny")).Status("activeRevision")!;
        await Namespace.StartOperatorAsync(("DYLORA_PROGRESS_DEADLINE_SECONDS", "5"));

        await Kubectl.ApplyAsync(Manifests.Skill("damaged", "unservable"));

        await Backbones.UntilAsync("tiny", item => item.Has("RegressionChecked", "False", "RegressionRefused"), _patience, "the set to be given up");
        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady() && item.Has("RolledOut", "True"), _patience, "the old set to serve");
        Assert.Equal(active, (string)backbone.Status("activeRevision")!);
    }

    [Fact]
    public async Task Suspended_skills_do_nothing_until_they_are_resumed()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("later", more: "suspend: true"));
        await Skills.UntilAsync("later", skill => skill.Conditions().Any(condition => condition.Reason == "Suspended"), _patience, "Suspended");
        Assert.Empty(await Experts.ListAsync());

        await Kubectl.RunAsync("patch", "skill", "later", "--type=merge", "-p", """{"spec":{"suspend":false}}""");

        await Ready("later");
    }

    [Fact]
    public async Task Data_that_cannot_be_read_stall_the_skill_with_the_reason()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("broken", "invalid"));

        var skill = await Skills.UntilAsync("broken", item => item.Has("Stalled", "True"), _patience, "Stalled");

        Assert.True(skill.Has("Ready", "False"));
        Assert.Contains(skill.Conditions(), condition => condition.Message.Contains("The data say so", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_training_that_fails_is_tried_again()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("hard", "fails 2"));

        await Ready("hard");
    }

    [Fact]
    public async Task The_growth_budget_is_kept()
    {
        await Kubectl.ApplyAsync(Manifests.Backbone(maxExperts: 1));
        await Kubectl.ApplyAsync(Manifests.Skill("first"));
        await Ready("first");

        await Kubectl.ApplyAsync(Manifests.Skill("second"));

        await Skills.UntilAsync("second", skill => skill.Conditions().Any(condition => condition.Reason == "GrowthBudgetSpent"), _patience, "GrowthBudgetSpent");
        Assert.Single(await Experts.ListAsync());
        await Kubectl.ApplyAsync(Manifests.Backbone(maxExperts: 2));
        await Ready("second");
    }
}
