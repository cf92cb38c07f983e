using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>What happens to skills when all goes well.</summary>
[TestCaseOrderer(typeof(LookingBackLast))]
public sealed class LifeOfASkillTests(SharedCluster shared) : SkillLives(shared)
{
    [Fact]
    public async Task A_backbone_without_skills_serves_itself()
    {
        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady(), _patience, "Ready");

        Assert.Equal("0", (string?)backbone.Status("experts")?.ToString());
        Assert.True(backbone.Has("RolledOut", "True"));
    }

    [Fact]
    public async Task New_skills_get_experts_that_mature_and_are_served()
    {
        await Kubectl.ApplyAsync(Manifests.All(Manifests.Skill("reverse"), Manifests.Skill("sum")));

        await Ready("reverse", "sum");
        var experts = await Experts.UntilAsync(all => all.Count == 2 && all.All(expert => expert.IsReady() && expert.Has("Mature", "True") && expert.Has("Served", "True")), _patience, "served experts");
        Assert.All(experts, expert => Assert.Equal(100, (int)expert.Status("maturityPercent")!));
        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady(), _patience, "Ready");
        Assert.Equal("Sparse", (string)backbone.Status("routingMode")!);
        Assert.Equal(2, (int)backbone.Status("experts")!);
        await Experts.UntilAsync(all => all.All(expert => (int?)expert.Status("trafficSharePercent") == 50), _patience, "shares of the traffic");

        var table = await Kubectl.RunAsync("get", "experts");
        Assert.Matches("^NAME +SKILL +STAGE +MATURITY +GAIN +SERVED +SHARE +READY +REASON +AGE", table);
        Assert.Contains("Mature", table, StringComparison.Ordinal);
        await Kubectl.RunAsync("wait", "--for=condition=Ready", "skill/reverse", "skill/sum", "backbone/tiny", "expert/reverse", "--timeout=10s");
    }

    [Fact]
    public async Task A_backbone_grows_with_its_experts_and_a_pin_takes_both_back()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("reverse"));
        await Ready("reverse");
        var before = await Experts.FindAsync("reverse");
        var revision = (string)(await Backbones.FindAsync("tiny")).Status("activeRevision")!;

        await Kubectl.ApplyAsync(Manifests.Growth("larger", "operators: [{operator: WidenFeedForward, percent: 25}]"));
        await Kubectl.RunAsync("wait", "--for=condition=Ready", "growth/larger", "--timeout=120s");

        var grown = (await Backbones.UntilAsync("tiny", item => item.Status("grown") is not null && item.IsReady(), _patience, "a larger backbone")).Status("grown")!;
        var expert = await Experts.UntilAsync("reverse", item => (string?)item.Status("artifact", "backbone") == (string)grown["digest"]! && item.IsReady(), _patience, "the expert on it");
        Assert.Equal(2, (int)expert.Status("artifact", "version")!);
        Assert.Matches("^NAME +BACKBONE +GROWN +DIVERGENCE +EXPERTS +READY +REASON +AGE *\nlarger +tiny +\\+25 % +0 +1/1 +True +BackboneAdopted", await Kubectl.RunAsync("get", "growths"));

        await Kubectl.RunAsync("patch", "backbone", "tiny", "--type=merge", "-p", """{"spec": {"serving": {"revision": "REVISION"}}}""".Replace("REVISION", revision, StringComparison.Ordinal));
        await Experts.UntilAsync("reverse", item => (string?)item.Status("artifact", "digest") == (string)before.Status("artifact", "digest")! && item.IsReady(), _patience, "the expert as it was");
        await Namespace.Resource("growths").UntilAsync("larger", item => item.Has("Adopted", "False", "RolledBack"), _patience, "a growth that was taken back");
    }

    [Fact]
    public async Task Data_that_an_expert_covers_make_no_expert_and_data_that_extend_one_make_a_new_version()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("reverse"));
        await Ready("reverse");
        var expert = (await Experts.ListAsync()).Single().Name();

        await Kubectl.ApplyAsync(Manifests.All(Manifests.Skill("same", $"covered-by {expert}"), Manifests.Skill("other-words", $"extends {expert}")));

        await Ready("same", "other-words");
        var known = Assert.Single(await Experts.ListAsync());
        Assert.Equal(2, (int)known.Status("artifact", "version")!);
        Assert.Equal("Covered", (string)(await Skills.FindAsync("same")).Status("novelty", "decision")!);
        Assert.Equal(expert, (string)(await Skills.FindAsync("other-words")).Status("expertRef", "name")!);
    }

    [Fact]
    public async Task More_data_for_a_skill_teach_its_expert_more()
    {
        await Kubectl.ApplyAsync(Manifests.Skill("reverse"));
        await Ready("reverse");
        var before = (string)(await Skills.FindAsync("reverse")).Status("dataset", "digest")!;
        var expert = (await Experts.ListAsync()).Single().Name();

        await Kubectl.ApplyAsync(Manifests.Skill("reverse", $"extends {expert}", samples: 150, seed: 1));

        await Skills.UntilAsync("reverse", skill => skill.IsReady() && (string?)skill.Status("dataset", "digest") != before, _patience, "Ready with new data");
        await Experts.UntilAsync(expert, each => (int?)each.Status("artifact", "version") == 2 && each.IsReady(), _patience, "version 2");
    }

    [Fact]
    public async Task A_deleted_skill_leaves_the_set_before_it_is_gone()
    {
        await Kubectl.ApplyAsync(Manifests.All(Manifests.Skill("reverse"), Manifests.Skill("sum", more: "deletionPolicy: Delete")));
        await Ready("reverse", "sum");

        await Kubectl.RunAsync("delete", "skill", "sum", "--timeout=90s");

        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady() && (int)item.Status("experts")! == 1, _patience, "one expert");
        Assert.Equal("reverse", (await Skills.ListAsync()).Single().Name());
        Assert.Single(await Experts.UntilAsync(all => all.Count == 1, _patience, "one expert left"));
        Assert.True(backbone.Has("RolledOut", "True"));
    }

    [Fact]
    public async Task What_a_night_makes_is_served_or_refused_and_told_of()
    {
        await Kubectl.ApplyAsync(Manifests.All(Manifests.Skill("reverse"), Manifests.Skill("sum", "nights-regress reverse")));
        await Ready("reverse", "sum");

        await Kubectl.ApplyAsync(Manifests.Night("tonight"));

        var night = await Namespace.Resource("consolidations").UntilAsync("tonight", item => item.IsReady(), _patience, "Ready");
        Assert.True(night.Has("Admitted", "False", "RegressionRefused"));
        Assert.Equal("Admitted", (string)night.Status("run", "outcome")!);
        Assert.Equal(["Admitted", "Refused"], night.Status("run", "experts")!.AsArray().Select(expert => (string)expert!["stage"]!));
        var experts = await Experts.UntilAsync(all => all.Count == 2 && all.All(expert => expert.IsReady()), _patience, "served experts");
        Assert.Equal([2, 1], experts.OrderBy(expert => expert.Name(), StringComparer.Ordinal).Select(expert => (int)expert.Status("artifact", "version")!));
        var backbone = await Backbones.UntilAsync("tiny", item => item.IsReady() && item.Has("RolledOut", "True"), _patience, "Ready");
        Assert.Equal(2, (int)backbone.Status("experts")!);

        var table = await Kubectl.RunAsync("get", "sleep");
        Assert.Matches("^NAME +BACKBONE +SCHEDULE +RUN +EXPERTS +OUTCOME +READY +REASON +AGE", table);
        Assert.Matches("tonight +tiny +1 +2/2 +Admitted +True +SetAdmitted", table);
        await Kubectl.RunAsync("delete", "consolidation", "tonight", "--timeout=60s");
    }

    [Fact]
    public async Task All_this_took_the_rights_of_an_installation_and_none_of_them_lies_idle_without_a_reason()
    {
        if (!Shared.Cluster.IsSandbox)
        {
            // Only the sandbox writes down who needed what; but the other tests have passed with these rights there as well.
            return;
        }

        var needed = Shared.Cluster.NeededRights.Where(right => right.User.EndsWith(":dylora-operator", StringComparison.Ordinal) && right.Resource.Length > 0).ToList();
        var granted = await OperatorAccount.GrantedAsync();

        Assert.Equal([], IdleRights.Unexplained(granted, needed));
        Assert.Equal([], IdleRights.Outdated(granted));
        Assert.DoesNotContain(needed, right => !right.Allowed);
    }
}
