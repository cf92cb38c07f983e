using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class NoveltyMapTests : IDisposable
{
    private static readonly RouterIdentity _identity = new("sha256:features", "sha256:backbone");

    private readonly TemporaryFolder _folder = new();
    private readonly GaussianDescriber _describer = new(apart: 2);
    private readonly SkillLibrary _library;

    private string MapFile => _folder["novelty.safetensors"];

    public NoveltyMapTests()
    {
        _library = SkillLibrary.Create(_folder["library"], _describer, GaussianDescriber.Anchors());
        foreach (var kind in new[] { 1, 2 })
        {
            _library.Add($"skill-{kind}", $"sha256:{kind:x8}", GaussianDescriber.Samples(kind, 100, seed: 1), GaussianDescriber.Samples(kind, 40 * kind, seed: 2), _describer);
        }

        _library.AssignExpert("skill-2", "second", null);
    }

    [Fact]
    public void A_map_that_was_stored_judges_and_groups_prompts_as_the_library_does()
    {
        Save();
        using var stored = NoveltyMap.Load(_folder.FullPath, _identity)!;
        using var fresh = NoveltyMap.Of(_library);
        using var one = new PromptNovelty(fresh);
        using var other = new PromptNovelty(stored);
        var (first, second) = (new DriftMonitor(fresh, one), new DriftMonitor(stored, other));

        foreach (var kind in new[] { 1, 2, 9 })
        {
            using var features = _describer.Features([.. GaussianDescriber.Samples(kind, 30, seed: 5).Select(FeatureExtractor.PromptOf)]);
            var (expected, actual) = (one.Of(features), other.Of(features));
            Assert.Equal(expected, actual);
            string[] ids = [.. Enumerable.Range(0, 30).Select(index => $"{kind}-{index}")];
            first.Observe(ids, features, expected);
            second.Observe(ids, features, actual);
        }

        Assert.Equal(first.Limit, second.Limit);
        Assert.Equal(first.State.Flags, second.State.Flags);
        var (proposed, same) = (Assert.Single(first.Propose()), Assert.Single(second.Propose()));
        Assert.Equal((proposed.Members.Count, proposed.NearestSkill, proposed.Distance, proposed.Cohesion), (same.Members.Count, same.NearestSkill, same.Distance, same.Cohesion));
        Assert.All(same.Members, id => Assert.StartsWith("9-", id, StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_small_beside_what_it_is_made_of()
    {
        Save();

        Assert.InRange(new FileInfo(MapFile).Length, 1, new DirectoryInfo(_folder["library"]).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 2);
    }

    [Fact]
    public void A_router_without_a_map_has_none_and_that_of_another_backbone_is_refused()
    {
        Assert.Null(NoveltyMap.Load(_folder.FullPath, _identity));
        Save();

        foreach (var other in new[] { _identity with { Backbone = "sha256:other" }, _identity with { Features = "sha256:other" } })
        {
            Assert.Contains("fit the router again", Assert.Throws<ModelFormatException>(() => NoveltyMap.Load(_folder.FullPath, other)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_map_is_refused()
    {
        Save();
        Dictionary<string, Tensor> parts;
        IReadOnlyDictionary<string, string> header;
        using (var file = SafetensorsFile.Open(MapFile))
        {
            header = file.Metadata;
            parts = new[] { "directions", "origin", "whitening", "means", "held_out" }.ToDictionary(name => name, name => file.Read(name));
        }

        using var fewer = parts["held_out"].narrow(0, 0, 119);
        AssertRefused(parts.Append(KeyValuePair.Create("held_out", fewer)), header, "do not fit each other");
        using var rounded = parts["means"].to_type(ScalarType.Float32);
        AssertRefused(parts.Append(KeyValuePair.Create("means", rounded)), header, "do not fit each other");
        AssertRefused(parts, new Dictionary<string, string>(), "no map of version 1");
        AssertRefused(parts, new Dictionary<string, string> { ["novelty"] = "{" }, "is damaged");
        AssertRefused(parts, new Dictionary<string, string> { ["novelty"] = header["novelty"].Replace("\"Version\":1", "\"Version\":2", StringComparison.Ordinal) }, "no map of version 1");
        parts.Values.ToList().ForEach(part => part.Dispose());
    }

    public void Dispose()
    {
        _library.Dispose();
        _folder.Dispose();
    }

    private void Save()
    {
        using var map = NoveltyMap.Of(_library);
        map.Save(_folder.FullPath, _identity);
    }

    private void AssertRefused(IEnumerable<KeyValuePair<string, Tensor>> parts, IReadOnlyDictionary<string, string> header, string reason)
    {
        SafetensorsWriter.Write(MapFile, parts.GroupBy(part => part.Key).Select(group => group.Last()), header);
        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => NoveltyMap.Load(_folder.FullPath, _identity)).Message, StringComparison.Ordinal);
    }
}
