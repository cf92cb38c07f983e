using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Cluster;

public sealed class MapSizeTests
{
    private static readonly string _digest = "sha256:" + new string('a', 64);

    [Theory]
    [InlineData(MapSize.MostData, true)]
    [InlineData(MapSize.MostData + 1, false)]
    public void Data_may_fill_a_map_and_no_more(int bytes, bool fits)
    {
        const string key = "set.json";
        var map = new V1ConfigMap { Metadata = new() { Name = "map" }, Data = new Dictionary<string, string> { [key] = new('x', bytes - key.Length) } };

        Assert.Equal(fits, MapSize.Excess(map) is null);
    }

    [Fact]
    public void Letters_count_as_the_bytes_that_they_take_and_annotations_have_a_limit_of_their_own()
    {
        var map = new V1ConfigMap { Metadata = new() { Name = "map", Annotations = new Dictionary<string, string> { ["changes"] = new('é', MapSize.MostNotes / 2) } } };

        Assert.Contains("ConfigMap map would have 262,151 bytes of annotations, and 262,144 are the most", MapSize.Excess(map)!, StringComparison.Ordinal);
    }

    // What the page on sizes says of them.
    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(1024, 5000, true)]
    [InlineData(1024, 7000, false)]
    public void A_set_holds_as_many_skills_as_is_written_down(int experts, int skills, bool fits)
    {
        var members = Enumerable.Range(0, experts).Select(number => new SetMember($"expert-with-a-name-{number:0000}", _digest, 1, LoraModes.Activated, 8, 1)).ToList();
        var facts = new SetFacts();
        foreach (var (number, member) in members.Index())
        {
            facts.Maturity[member.Name] = new(100, true, 1, null);
            facts.Learned[member.Name] = [.. Enumerable.Range(0, skills).Where(skill => skill % experts == number).Select(skill => new TrainedSkill { Skill = $"skill-with-a-name-{skill:0000}", Dataset = _digest })];
        }

        var map = SetStore.MapOf(
            new() { Metadata = new() { Name = "tiny", NamespaceProperty = "team", Uid = "1" }, ApiVersion = ApiNames.Group, Kind = Backbone.KindName },
            new() { Backbone = new("tiny", _digest, "bfloat16"), Experts = members, Router = _digest },
            facts,
            []);

        Assert.True(fits == MapSize.Excess(map) is null, $"{map.Data.Sum(pair => pair.Value.Length)} bytes.");
    }
}
