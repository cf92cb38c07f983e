using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Experts;

/// <summary>What was learnt on a backbone is still true on its grown self.</summary>
public sealed class ExpertsSurviveTests
{
    private const int Experts = 8;

    public static TheoryData<ModelFamily> Families => CausalLanguageModelTests.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public void Eight_experts_and_their_router_survive_growth_of_layers_heads_and_width(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Growths.Model(family);
        var plan = LayersHeadsWidth(model.Config);
        using var grown = plan.Grow(model);
        var ids = CausalLanguageModelTests.RandomIds(3, 10);
        using var router = Router(model);
        var descriptions = GrownDescriptions.Of(plan);

        for (var seed = 0; seed < Experts; seed++)
        {
            using var adapter = Trained(model, ConfigOf(seed), seed);
            using var carried = GrownAdapter.Of(plan, adapter);
            var before = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) });
            TensorAssert.Close(before, grown.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(carried) }), Growths.Tolerance);
            Assert.True(TensorAssert.LargestDifference(before, model.call(ids)) > 0.01);
        }

        using var carriedRouter = GrownRouter.Of(router, new RouterIdentity(descriptions.Features.Digest, "sha256:grown"));
        var prompts = Prompts(200);
        var (old, now) = (Features(model, prompts, FeatureOptions.Default), Features(grown, prompts, descriptions.Features));
        TensorAssert.Close(old, now, Growths.Tolerance);
        foreach (var maturity in new[] { 0.0, 0.4, 1.0 })
        {
            using var oldRouter = Aged(router, maturity);
            using var newRouter = Aged(carriedRouter, maturity);
            TensorAssert.Close(oldRouter.Weights(old), newRouter.Weights(now), 1e-4);
            Assert.Equal(Decisions(oldRouter, old), Decisions(newRouter, now));
            Assert.True(Decisions(oldRouter, old).Distinct().Count() > 3);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Descriptions_by_the_grown_backbone_are_those_of_the_one_before(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(family);
        var plan = LayersHeadsWidth(model.Config);
        using var grown = plan.Grow(model);
        var descriptions = GrownDescriptions.Of(plan);
        var samples = TinyData.Shifted(12);
        using var before = new SampleDescriber(model, "sha256:before");
        using var after = new SampleDescriber(grown, "sha256:after", descriptions.Features, descriptions.Gradients);

        var (old, now) = (before.Gradients(samples), after.Gradients(samples));

        Assert.Null(descriptions.Recomputed);
        Assert.NotEqual(before.Identity, after.Identity);
        TensorAssert.Close(old, now, 1e-5 * Math.Max(1, old.abs().max().item<float>()));
        Assert.True(old.abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void A_library_is_carried_over_as_it_is()
    {
        using var folder = new TemporaryFolder();
        using var model = Growths.Model();
        var plan = LayersHeadsWidth(model.Config);
        using var grown = plan.Grow(model);
        var descriptions = GrownDescriptions.Of(plan);
        using var before = new SampleDescriber(model, "sha256:before");
        using var after = new SampleDescriber(grown, "sha256:after", descriptions.Features, descriptions.Gradients);
        using (var library = SkillLibrary.Create(folder["before"], before, Prompts(40)))
        {
            library.Add("shift", "sha256:d1", TinyData.Shifted(20), TinyData.Shifted(10, seed: 2), before);
            library.AssignExpert("shift", "shifter", null);
        }

        var report = GrownLibrary.Carry(folder["before"], before, folder["after"], after, descriptions);

        Assert.Equal([new CarriedDataset("sha256:d1", true, null)], report);
        using var opened = SkillLibrary.Open(folder["after"], after);
        Assert.Equal("shifter", Assert.Single(opened.Skills).Expert);
        using var stored = opened.Features("shift", SkillPart.Training);
        using var fresh = after.Features([.. TinyData.Shifted(20).Select(FeatureExtractor.PromptOf)]);
        TensorAssert.Close(fresh, stored);
        Assert.Throws<SkillLibraryException>(() => SkillLibrary.Open(folder["after"], before));
    }

    [Fact]
    public void Gradients_that_are_others_are_taken_again_and_the_report_says_why()
    {
        using var folder = new TemporaryFolder();
        using var model = Growths.Model(ModelFamily.Qwen3);
        var plan = GrowthPlan.Of(model.Config, new RaiseQueriesPerGroup(3));
        using var grown = plan.Grow(model);
        var probe = new GradientOptions { Layers = ["model.layers.0.self_attn.q_proj"] };
        var descriptions = GrownDescriptions.Of(plan, gradients: probe);
        using var before = new SampleDescriber(model, "sha256:before", gradients: probe);
        using var after = new SampleDescriber(grown, "sha256:after", descriptions.Features, descriptions.Gradients);
        using (var library = SkillLibrary.Create(folder["before"], before, Prompts(40)))
        {
            library.Add("shift", "sha256:d1", TinyData.Shifted(20), TinyData.Shifted(10, seed: 2), before);
        }

        Assert.Throws<GrowthRefusedException>(() => GrownLibrary.Carry(folder["before"], before, folder["after"], after, descriptions));
        var report = GrownLibrary.Carry(folder["before"], before, folder["after"], after, descriptions, dataset => dataset.Length == 0
            ? ([.. Prompts(40).Select(ids => new TokenizedSample(ids, 0, 0, 0))], [])
            : (TinyData.Shifted(20), TinyData.Shifted(10, seed: 2)));

        var carried = Assert.Single(report);
        Assert.False(carried.IsExact);
        Assert.Contains("query heads per key/value head 2 -> 3", carried.Reason, StringComparison.Ordinal);
        using var opened = SkillLibrary.Open(folder["after"], after);
        Assert.Equal(20, Assert.Single(opened.Skills).TrainingSamples);
    }

    [Fact]
    public void Gradients_are_taken_again_after_a_step_that_is_not_exact()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        var plan = GrowthPlan.Of(model.Config, new InsertLayers(0), new ExtendVocabulary(model.Config.VocabularySize + 64));
        using var grown = plan.Grow(model);
        var descriptions = GrownDescriptions.Of(plan);
        using var before = new SampleDescriber(model, "sha256:before");
        using var after = new SampleDescriber(grown, "sha256:after", descriptions.Features, descriptions.Gradients);

        Assert.Contains("vocabulary 64 -> 128", descriptions.Recomputed, StringComparison.Ordinal);
        TensorAssert.Close(before.Features(Prompts(20)), after.Features(Prompts(20)), Growths.Tolerance);
    }

    [Fact]
    public void Copies_of_a_single_head_are_not_taken_for_entries_that_are_appended()
    {
        var config = TinyModels.Config(ModelFamily.Llama) with { KeyValueHeads = 1 };
        var plan = GrowthPlan.Of(config, new UnshareKeyValues(2));

        var descriptions = GrownDescriptions.Of(plan, gradients: new GradientOptions { Layers = ["model.layers.0.self_attn.v_proj"] });

        Assert.Contains("v_proj is another", descriptions.Recomputed, StringComparison.Ordinal);
        Assert.Null(GrownDescriptions.Of(plan).Recomputed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_carried_adapter_is_an_ordinary_folder_that_fits_the_grown_model(int kind)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Growths.Model(ModelFamily.Qwen2);
        var plan = GrowthPlan.Of(model.Config, new InsertLayers(1, 2), new WidenHidden(40), new UnshareKeyValues(2), new WidenHeads(16), new InsertLayers(0));
        using var grown = plan.Grow(model);
        using var adapter = Trained(model, ConfigOf(kind), kind);
        using (var carried = GrownAdapter.Of(plan, adapter))
        {
            PeftFolder.Save(folder.FullPath, carried);
        }

        using var loaded = PeftFolder.Load(folder.FullPath, grown);

        var ids = CausalLanguageModelTests.RandomIds(2, 9);
        TensorAssert.Close(
            model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }),
            grown.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(loaded) }),
            Growths.Tolerance);
        Assert.All(loaded.Layers.Where(pair => !adapter.Layers.ContainsKey(pair.Key)), pair => Assert.Equal(grown.Projections[pair.Key].Outputs, pair.Value.B.shape[0]));
    }

    [Fact]
    public void A_plan_can_raise_the_rank_of_experts_and_cannot_lower_it()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Growths.Model();
        using var adapter = Trained(model, ConfigOf(0), 0);
        var plan = GrowthPlan.Of(model.Config, new WidenFeedForward(50), new RaiseRank(6));
        using var grown = plan.Grow(model);
        using var carried = GrownAdapter.Of(plan, adapter);
        var ids = CausalLanguageModelTests.RandomIds(2, 9);

        Assert.All(carried.Layers.Values, layer => Assert.Equal(6, layer.Rank));
        TensorAssert.Close(
            model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }),
            grown.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(carried) }),
            Growths.Tolerance);
        Assert.Throws<GrowthRefusedException>(() => GrownAdapter.Of(GrowthPlan.Of(model.Config, new RaiseRank(2)), adapter));
    }

    private static GrowthPlan LayersHeadsWidth(ModelConfig config) => GrowthPlan.Of(
        config,
        new InsertLayers(1),
        new AddHeads(config.KeyValueHeads),
        new WidenHidden(40),
        new WidenFeedForward(60),
        new InsertLayers(0, Start: LayerStart.Neighbour),
        new AddKeyValueGroups(1),
        new InsertLayers(4));

    // Every layer, some kinds, some layers, ranks and scales of their own, and a pattern.
    private static LoraConfig ConfigOf(int seed) => (seed % 5) switch
    {
        0 => new LoraConfig { Rank = 3 },
        1 => new LoraConfig { Rank = 4, TargetModules = ["q_proj", "v_proj", "down_proj"], UseRsLora = true },
        2 => new LoraConfig { Rank = 2, LayersToTransform = [1] },
        3 => new LoraConfig
        {
            Rank = 2,
            RankPattern = new Dictionary<string, int> { [@"layers\.1\.mlp\.up_proj"] = 5 },
            AlphaPattern = new Dictionary<string, double> { ["k_proj"] = 3 },
        },
        _ => new LoraConfig { Rank = 2, TargetPattern = @"model\.layers\.(0\.self_attn\.[qk]_proj|1\.mlp\.up_proj)", Mode = AdapterMode.Activated },
    };

    private static LoraAdapter Trained(CausalLanguageModel model, LoraConfig config, int seed)
    {
        var adapter = LoraAdapter.Create(model, config, seed);
        using var random = new Generator((ulong)seed + 100, CPU);
        foreach (var (_, layer) in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            layer.B.copy_((randn(layer.B.shape, generator: random) * 0.05).to(layer.B.device));
        }

        return adapter;
    }

    private static List<int[]> Prompts(int count) => [.. TinyData.Shifted(count, seed: 9).Select(FeatureExtractor.PromptOf)];

    private static Tensor Features(CausalLanguageModel model, List<int[]> prompts, FeatureOptions options)
    {
        using var extractor = new FeatureExtractor(model, options);
        return extractor.Of(prompts);
    }

    private static DynamicHybridRouter Router(CausalLanguageModel model)
    {
        using var scaling = FeatureScaling.Of(Features(model, Prompts(64), FeatureOptions.Default));
        using var random = new Generator(3, CPU);
        var width = scaling.Mean.shape[0];
        return new DynamicHybridRouter(
            new RouterIdentity(FeatureOptions.Default.Digest, "sha256:before"),
            new RouterOptions(),
            [.. Enumerable.Range(0, Experts).Select(index => new RoutedExpert($"expert-{index}", 1, IsFitted: true))],
            new RouterTensors(randn([Experts + 1, width], generator: random) * 3, randn([Experts + 1], generator: random) * 0.1, scaling.Mean, scaling.Scale).Copy());
    }

    private static DynamicHybridRouter Aged(DynamicHybridRouter router, double maturity) =>
        Enumerable.Range(0, Experts).Aggregate(router, (aged, index) => aged.WithMaturity($"expert-{index}", maturity));

    private static long[] Decisions(DynamicHybridRouter router, Tensor features) => router.Probabilities(features).argmax(-1).data<long>().ToArray();
}
