using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class RouterFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DynamicHybridRouter _router;

    public RouterFolderTests()
    {
        using var fitted = Routers.Fitted([0.25, 1], new RouterOptions { Temperature = 0.7, TopK = 2 });
        _router = fitted.WithExpert("über neu");
    }

    public void Dispose()
    {
        _router.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_saved_router_comes_back_the_same()
    {
        using var scope = NewDisposeScope();
        _router.Save(_folder["router"]);

        using var loaded = DynamicHybridRouter.Load(_folder["router"], Routers.Identity);

        Assert.Equal(_router.Experts, loaded.Experts);
        Assert.Equal(_router.Options, loaded.Options);
        Assert.Equal(_router.Digest, loaded.Digest);
        TensorAssert.Same(_router.Weights(Routers.Features(4)), loaded.Weights(Routers.Features(4)));
    }

    [Fact]
    public void Saving_twice_writes_the_same_bytes()
    {
        _router.Save(_folder["a"]);
        _router.Save(_folder["b"]);

        foreach (var file in (string[])["router.safetensors", "router.json"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder["a"], file)), File.ReadAllBytes(Path.Combine(_folder["b"], file)));
        }

        Assert.Equal(2, Directory.GetFiles(_folder["a"]).Length);
    }

    [Fact]
    public void The_text_names_the_experts_in_order()
    {
        _router.Save(_folder.FullPath);

        var text = JsonNode.Parse(File.ReadAllText(_folder["router.json"]))!;

        Assert.Equal(["expert-1", "expert-2", "über neu"], text["experts"]!.AsArray().Select(expert => (string)expert!["name"]!));
        Assert.Equal("sha256:backbone", (string?)text["backbone"]);
    }

    [Fact]
    public void Every_part_of_the_content_shows_in_the_digest()
    {
        using var renamed = Routers.Fitted([0.25, 1], new RouterOptions { Temperature = 0.7, TopK = 2 });
        using var matured = _router.WithMaturity("expert-1", 0.26);
        using var cooler = _router.WithOptions(_router.Options with { Temperature = 0.6 });
        using var other = Routers.Fitted([0.25, 1], new RouterOptions { Temperature = 0.7, TopK = 2 }, seed: 2);
        using var same = _router.WithMaturity("expert-1", 0.25);

        Assert.Equal(5, new[] { _router, renamed, matured, cooler, other }.Select(router => router.Digest).Distinct().Count());
        Assert.Equal(_router.Digest, same.Digest);
        Assert.StartsWith("sha256:", _router.Digest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_router_of_another_backbone_or_other_features_is_refused()
    {
        _router.Save(_folder.FullPath);

        var backbone = Assert.Throws<RouterMismatchException>(() => DynamicHybridRouter.Load(_folder.FullPath, Routers.Identity with { Backbone = "sha256:other" }));
        var features = Assert.Throws<RouterMismatchException>(() => DynamicHybridRouter.Load(_folder.FullPath, Routers.Identity with { Features = "features 2" }));

        Assert.Contains("sha256:backbone", backbone.Message, StringComparison.Ordinal);
        Assert.Contains("features 2", features.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_is_noticed()
    {
        _router.Save(_folder.FullPath);
        var bytes = File.ReadAllBytes(_folder["router.safetensors"]);
        bytes[^9] ^= 1;
        File.WriteAllBytes(_folder["router.safetensors"], bytes);

        var error = Assert.Throws<ModelFormatException>(() => DynamicHybridRouter.Load(_folder.FullPath));

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_router_says_so()
    {
        Assert.Contains("fit a router", Assert.Throws<ModelFormatException>(() => DynamicHybridRouter.Load(_folder["none"])).Message, StringComparison.Ordinal);
    }
}
