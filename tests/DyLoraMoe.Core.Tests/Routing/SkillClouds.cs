using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

/// <summary>Skills whose features are Gaussian clouds around centres of their own; column 0 is a wide cloud of anchors.</summary>
internal sealed class SkillClouds(int width = 48, double distance = 8, ulong seed = 11)
{
    // Of every feature, as no feature of a backbone is centred.
    private const double Mean = 3;

    public FeatureScaling Scaling()
    {
        using var scope = NewDisposeScope();
        return FeatureScaling.Of(Draw(0, 400, 1000));
    }

    /// <summary>A router with one unfitted expert per skill.</summary>
    public DynamicHybridRouter Router(int experts)
    {
        using var scaling = Scaling();
        var router = DynamicHybridRouter.Create(Routers.Identity, scaling);
        for (var expert = 1; expert <= experts; expert++)
        {
            using var smaller = router;
            router = smaller.WithExpert($"skill-{expert}");
        }

        return router;
    }

    public IReadOnlyList<SkillFeatures> Skills(int from, int to, int count = 96) =>
        [.. Enumerable.Range(from, to - from + 1).Select(skill => new SkillFeatures($"skill-{skill}", skill, Draw(skill, count, 1)) { HeldOut = Draw(skill, 400, 2) })];

    /// <summary>Prompts with much of two skills, a little more of the second.</summary>
    public static Tensor Between(Tensor first, Tensor second) => ((first - Mean) * 0.75) + ((second - Mean) * 0.85) + Mean;

    public Tensor Draw(int skill, int count, ulong part)
    {
        using var scope = NewDisposeScope();
        using var centres = new Generator(seed + ((ulong)skill * 7919), CPU);
        using var noise = new Generator(seed + ((ulong)skill * 104729) + (part * 1299709), CPU);
        var direction = randn([width], generator: centres);
        var centre = skill == 0 ? zeros(width) : direction / direction.norm() * distance;
        return (randn([count, width], generator: noise) + centre + Mean).MoveToOuterDisposeScope();
    }
}
