using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Traffic;

public sealed class SkillProposalsTests : IAsyncLifetime
{
    private const string Address = "10.0.0.1";

    private static readonly string _oneKind = Centroid(1);
    private static readonly string _otherKind = Centroid(2);

    private readonly OperatorWorld _world = new();
    private readonly FakeNetwork _network = new();

    public async ValueTask InitializeAsync()
    {
        _world.Apply(spec => spec.Novelty.Proposals = new() { MaxPending = 2, MaxPrompts = 3 });
        _world.Learn("reverse");
        await _world.SettleAsync();
        Run(_world);
    }

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        _network.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Prompts_of_a_new_kind_become_a_suspended_skill_without_answers()
    {
        _network.AnswerNovelty(Address, _ => Reply(Proposal(_oneKind, "one?", "two?", "one?", "three?", "four?")));

        await ProposeAsync();

        var skill = Assert.Single(Proposed());
        Assert.True(skill.Spec.Suspend);
        Assert.Equal("tiny", skill.Spec.BackboneRef.Name);
        Assert.Equal(["{\"prompt\":\"one?\",\"answer\":\"\"}", "{\"prompt\":\"two?\",\"answer\":\"\"}", "{\"prompt\":\"three?\",\"answer\":\"\"}"], skill.Spec.Data.Inline!.Split('\n'));
        Assert.InRange(skill.Metadata.Name.Length, 1, Bounds.NameLength);
        Assert.Contains("--keep-novel-prompts", _world.Server.All<V1Deployment>().Single().Spec.Template.Spec.Containers[0].Args);
        var told = Assert.Single(_world.Server.Events, happened => happened.Reason == Reasons.SkillProposed);
        Assert.Contains(skill.Metadata.Name, told.Message, StringComparison.Ordinal);
        Assert.Contains("reverse being nearest", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Server.All<LoraExpert>(), expert => expert.Spec.SkillRef?.Name == skill.Metadata.Name);
    }

    [Fact]
    public async Task Chats_of_a_new_kind_become_chats_whose_answers_are_to_be_written()
    {
        var proposal = Proposal(_oneKind, "a plain one?");
        proposal["conversations"] = JsonNode.Parse(
            """[[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Привет?"}], [{"role": "user", "content": "two?"}], [{"role": "tool", "content": "{}"}], []]""");
        _network.AnswerNovelty(Address, _ => Reply(proposal));

        await ProposeAsync();

        Assert.Equal(
            """
            {"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Привет?"},{"role":"assistant","content":""}]}
            {"messages":[{"role":"user","content":"two?"},{"role":"assistant","content":""}]}
            """,
            Assert.Single(Proposed()).Spec.Data.Inline);
    }

    [Fact]
    public async Task A_skill_that_may_not_be_made_is_told_of_and_holds_no_other_backbone_up()
    {
        _world.Server.Create(new Backbone { Metadata = new() { Name = "zed", NamespaceProperty = OperatorWorld.Namespace }, Spec = _world.Backbone.Spec });
        Run(_world, "zed", "10.0.0.2");
        _network.AnswerNovelty(Address, _ => Reply(Proposal(_oneKind, "one?")));
        _network.AnswerNovelty("10.0.0.2", _ => Reply(Proposal(_otherKind, "two?")));
        _world.Server.Admission = wanted => wanted is Skill { Spec.BackboneRef.Name: "tiny" } ? new ClusterException(HttpStatusCode.Forbidden, "exceeded quota: skills") : null;

        await ProposeAsync();

        Assert.Equal("zed", Assert.Single(Proposed()).Spec.BackboneRef.Name);
        var told = Assert.Single(_world.Server.Events, happened => happened.Reason == Reasons.FailedCreate);
        Assert.True(told.IsWarning);
        Assert.Equal("tiny", told.About.Metadata.Name);
        Assert.EndsWith("cannot be proposed: exceeded quota: skills", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_hears_what_was_proposed_before_even_by_another_process_and_no_more_wait_than_the_policy_lets()
    {
        var heard = new List<string[]>();
        _network.AnswerNovelty(Address, question =>
        {
            heard.Add([.. question["proposed"]!.AsArray().Select(each => (string)each!)]);
            return Reply([.. new[] { _oneKind, _otherKind, Centroid(3) }.Where(kind => !heard[^1].Contains(kind)).Take(1).Select(kind => Proposal(kind, $"of kind {kind}"))]);
        });

        await ProposeAsync();
        _world.Restart();
        await ProposeAsync();
        await ProposeAsync();

        Assert.Equal(2, Proposed().Count);
        Assert.Equal([0, 1], heard.Select(known => known.Length));
        Assert.Equal([_oneKind], heard[1]);
    }

    [Fact]
    public async Task What_a_person_deleted_is_not_proposed_again_and_what_was_resumed_makes_room()
    {
        _network.AnswerNovelty(Address, question => Reply([.. new[] { _oneKind, _otherKind }.Except(question["proposed"]!.AsArray().Select(each => (string)each!)).Select(kind => Proposal(kind, $"of kind {kind}"))]));
        await ProposeAsync();
        Assert.Equal(2, Proposed().Count);
        var (deleted, resumed) = (Proposed()[0], Proposed()[1]);

        _world.Server.Delete<Skill>(OperatorWorld.Namespace, deleted.Metadata.Name);
        _world.Server.Change<Skill>(OperatorWorld.Namespace, resumed.Metadata.Name, skill => (skill.Spec.Suspend, skill.Spec.Data.Inline) = (false, "with answers"));
        await _world.SettleAsync();
        await ProposeAsync();

        Assert.Equal(resumed.Metadata.Name, Assert.Single(Proposed()).Metadata.Name);
        Assert.True(_world.Skill(resumed.Metadata.Name).Status.Conditions.IsTrue(ConditionTypes.Ready));
    }

    [Fact]
    public async Task Without_a_policy_nobody_is_asked()
    {
        _world.Apply();
        await _world.SettleAsync();

        await ProposeAsync();

        Assert.Empty(Proposed());
        Assert.DoesNotContain("--keep-novel-prompts", _world.Server.All<V1Deployment>().Single().Spec.Template.Spec.Containers[0].Args);
    }

    [Theory]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "centroid": "AAAA", "requests": []}]}""")]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "centroid": "no base64!", "prompts": ["a"]}]}""")]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "prompts": ["a"]}]}""")]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "centroid": "AAAA", "prompts": [1]}]}""")]
    [InlineData("""{"flags": 0, "proposals": [{"count": 20, "centroid": "AAAA", "prompts": ["a"]}]}""")]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "centroid": null, "prompts": ["a"]}]}""")]
    [InlineData("""{"flags": 1, "proposals": [{"count": 20, "centroid": "AAAA", "prompts": [null]}]}""")]
    [InlineData("""{"flags": "many"}""")]
    [InlineData("""["proposals"]""")]
    public async Task What_no_router_writes_or_no_lasting_shift_is_proposes_nothing(string answer)
    {
        _network.AnswerNovelty(Address, _ => JsonNode.Parse(answer)!);

        await ProposeAsync();

        Assert.Empty(Proposed());
    }

    /// <summary>One proposal of a router in a world.</summary>
    internal static async Task ProposeOneAsync(OperatorWorld world)
    {
        using var network = new FakeNetwork();
        network.AnswerNovelty(Address, _ => Reply(Proposal(_oneKind, "one?")));
        world.Apply(spec => spec.Novelty.Proposals = new());
        Run(world);
        world.Cluster.Deliver(int.MaxValue);
        await world.ProposeAsync(network);
    }

    private static void Run(OperatorWorld world, string backbone = "tiny", string address = Address) => world.Server.Create(new V1Pod
    {
        Metadata = new() { Name = $"asked-{backbone}", NamespaceProperty = OperatorWorld.Namespace, Labels = new Dictionary<string, string> { [Labels.Backbone] = backbone, [Labels.Component] = "router" } },
        Status = new() { PodIP = address, Conditions = [new() { Type = "Ready", Status = "True" }] },
    });

    private static JsonObject Reply(params JsonNode[] proposals) => new() { ["flags"] = 1, ["proposals"] = new JsonArray(proposals) };

    private static JsonObject Proposal(string centroid, params string[] prompts) => new()
    {
        ["count"] = 20,
        ["nearest_skill"] = "reverse",
        ["centroid"] = centroid,
        ["prompts"] = new JsonArray([.. prompts.Select(prompt => JsonValue.Create(prompt))]),
    };

    private static string Centroid(byte kind) => Convert.ToBase64String([kind, 0, 0, 0]);

    private async Task ProposeAsync()
    {
        _world.Cluster.Deliver(int.MaxValue);
        await _world.ProposeAsync(_network);
        await _world.SettleAsync();
    }

    private List<Skill> Proposed() => [.. _world.Server.All<Skill>().Where(skill => skill.Metadata.Annotations?.ContainsKey(Annotations.Proposal) == true).OrderBy(skill => skill.Metadata.Name, StringComparer.Ordinal)];
}
