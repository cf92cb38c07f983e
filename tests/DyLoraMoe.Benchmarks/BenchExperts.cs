using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>Experts and routers with random numbers, for measurements that do not depend on what they have learnt.</summary>
internal static class BenchExperts
{
    private const int Anchors = 64;
    private const int PromptsPerSkill = 32;
    private const int FitSteps = 60;

    /// <summary>An adapter whose B is not zero, so that it changes the output as a trained one does.</summary>
    public static LoraAdapter Trained(CausalLanguageModel model, LoraConfig config, int seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var random = new Generator((ulong)seed, CPU);
        var adapter = LoraAdapter.Create(model, config, seed);
        foreach (var layer in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value))
        {
            layer.B.copy_(randn(layer.B.shape, generator: random) * 0.02);
        }

        return adapter;
    }

    /// <summary>Features of prompts that belong to the given experts, counted from 1.</summary>
    public static Tensor Prompts(int features, IReadOnlyList<int> experts, ulong seed, double distance = 1)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(seed, CPU);
        return (randn([experts.Count, features], generator: random) + (stack([.. experts.Select(expert => Centre(features, expert))], 0) * distance)).MoveToOuterDisposeScope();
    }

    /// <summary>A router fitted on random clouds, one per expert.</summary>
    public static DynamicHybridRouter Router(int features, int experts, double maturity, double distance = 1)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode(false);
        using var random = new Generator(7, CPU);
        var anchors = randn([Anchors, features], generator: random);
        using var scaling = FeatureScaling.Of(anchors);
        var router = DynamicHybridRouter.Create(new RouterIdentity("random", "random"), scaling);
        var skills = new List<SkillFeatures> { new("anchors", 0, anchors) };
        for (var expert = 1; expert <= experts; expert++)
        {
            using var smaller = router;
            router = smaller.WithExpert($"expert-{expert}", maturity);
            skills.Add(new SkillFeatures($"expert-{expert}", expert, Prompts(features, [.. Enumerable.Repeat(expert, PromptsPerSkill)], (ulong)expert, distance)));
        }

        using (router)
        {
            return RouterTraining.Fit(router, skills, new RouterTrainingOptions { Steps = FitSteps }).Router;
        }
    }

    private static Tensor Centre(int features, int expert)
    {
        using var random = new Generator((ulong)(1000 + expert), CPU);
        return randn([features], generator: random);
    }
}
