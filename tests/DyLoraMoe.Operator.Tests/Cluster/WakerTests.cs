using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Cluster;

/// <summary>Who is visited because something came that they refer to.</summary>
public sealed class WakerTests
{
    private readonly FakeServer _server = new(new ManualClock());
    private readonly FakeCluster _cluster;
    private readonly HashSet<string> _woken = [];

    public WakerTests()
    {
        _cluster = new(_server, Faults.None);
        new Waker(_cluster, new(), (kind, key) => _woken.Add($"{kind} {key.Name}")).Follow(_cluster);
    }

    [Fact]
    public void An_expert_that_comes_wakes_the_Skills_that_are_told_to_extend_it()
    {
        Create(new Skill { Spec = SpecOf(new() { Mode = SkillNovelty.Extend, ExpertRef = new() { Name = "writer" } }) }, "waiting");
        Create(new Skill { Spec = SpecOf(new() { Mode = SkillNovelty.Extend, ExpertRef = new() { Name = "another" } }) }, "other");

        Assert.Equal(["Backbone tiny", "Skill waiting"], WokenBy(() => Create(Expert(), "writer")));
    }

    [Fact]
    public void An_expert_that_only_trains_on_wakes_no_Skill_that_names_it_and_has_another()
    {
        Create(new Skill { Spec = SpecOf(new() { ExpertRef = new() { Name = "writer" } }) }, "waiting");
        Create(Expert(), "writer");

        Assert.Empty(WokenBy(() => _server.Change<LoraExpert>("team", "writer", expert => expert.Spec.Recipe = new() { Steps = 3 })));
    }

    [Fact]
    public void A_Skill_whose_data_are_judged_is_visited_once_more()
    {
        Create(new Skill { Spec = SpecOf(new()) }, "letters");

        Assert.Contains("Skill letters", WokenBy(() => _server.Change<Skill>("team", "letters", skill => skill.Status.Dataset = new() { Digest = "sha256:1", Input = "first" })));
        Assert.DoesNotContain("Skill letters", WokenBy(() => _server.Change<Skill>("team", "letters", skill => skill.Status.Job = "letters-train-1")));
    }

    [Fact]
    public void A_Skill_that_comes_wakes_the_experts_that_are_for_it()
    {
        Create(Expert(spec => spec.SkillRef = new() { Name = "letters" }), "writer");
        Create(Expert(spec => spec.SkillRef = new() { Name = "sums" }), "counter");

        Assert.Equal(["LoraExpert writer"], WokenBy(() => Create(new Skill { Spec = SpecOf(new()) }, "letters")));
    }

    [Fact]
    public void Certificates_that_come_or_change_wake_everybody_who_takes_theirs_from_them()
    {
        var bucket = new S3Source { Bucket = "all", CaBundle = new() { Name = "authorities", Key = "ca.crt" } };
        Create(new Skill { Spec = SpecOf(new()) with { Data = new() { S3 = bucket } } }, "far");
        Create(new Skill { Spec = SpecOf(new()) with { Data = new() { S3 = new() { Bucket = "all" } } } }, "near");
        Create(Expert(spec => spec.Source = new() { S3 = bucket }), "imported");
        Create(Expert(), "trained");
        Create(new Backbone { Spec = new() { Source = new() { Builtin = "dylora-tiny" }, Store = new() { S3 = bucket } } }, "stored");
        Create(new Backbone { Spec = new() { Source = new() { S3 = bucket }, Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts" } } } }, "loaded");
        Create(new Backbone { Spec = new() { Source = new() { Builtin = "dylora-tiny" }, Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts" } } } }, "other");
        string[] all = ["Backbone loaded", "Backbone stored", "LoraExpert imported", "Skill far"];

        Assert.Equal(all, WokenBy(() => Create(new V1ConfigMap { Data = new Dictionary<string, string> { ["ca.crt"] = "old" } }, "authorities")));
        Assert.Equal(all, WokenBy(() => _server.Change<V1ConfigMap>("team", "authorities", map => map.Data["ca.crt"] = "new")));
        Assert.Empty(WokenBy(() => Create(new V1ConfigMap(), "unrelated")));
    }

    private static SkillSpec SpecOf(SkillNovelty novelty) => new() { BackboneRef = new() { Name = "tiny" }, Data = new() { Inline = "a" }, Novelty = novelty };

    private static LoraExpert Expert(Action<LoraExpertSpec>? change = null)
    {
        var expert = new LoraExpert { Spec = new() { BackboneRef = new() { Name = "tiny" } } };
        change?.Invoke(expert.Spec);
        return expert;
    }

    private IEnumerable<string> WokenBy(Action change)
    {
        _woken.Clear();
        change();
        return _woken.Order(StringComparer.Ordinal);
    }

    private void Create<T>(T wanted, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        wanted.Metadata = new() { Name = name, NamespaceProperty = "team" };
        _server.Create(wanted);
    }
}
