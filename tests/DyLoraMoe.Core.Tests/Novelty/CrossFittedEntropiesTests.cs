using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class CrossFittedEntropiesTests
{
    private static readonly RouterTrainingOptions _quick = new() { Steps = 120, Window = 128 };

    // Skills overlap, and a gate can learn many of their prompts by heart.
    private readonly SkillClouds _clouds = new(width: 192, distance: 3);

    [Fact]
    public void Training_prompts_are_judged_like_fresh_ones()
    {
        using var scope = NewDisposeScope();
        using var unfitted = _clouds.Router(3);
        var skills = _clouds.Skills(0, 3, count: 64);
        var router = RouterTraining.Fit(unfitted, skills, _quick).Router;
        using var entropies = CrossFittedEntropies.Fit(unfitted, skills, _quick);

        var fresh = skills.Skip(1).Average(skill => Logs(entropies.Of(_clouds.Draw(skill.Owner, 400, 7))));
        var training = skills.Skip(1).Average(skill => Logs(entropies.OfTraining(skill.Skill)!));
        var learnt = skills.Skip(1).Average(skill => Logs(router.Entropy(skill.Features)));
        var unseen = skills.Skip(1).Average(skill => Logs(router.Entropy(_clouds.Draw(skill.Owner, 400, 7))));

        Assert.InRange(training, fresh - 0.1, fresh + 0.1);
        Assert.True(learnt < unseen - 0.2, $"the router's own: {learnt} of what it has seen, {unseen} of what it has not");
    }

    [Fact]
    public void A_skill_that_is_unknown_or_too_small_has_no_training_entropies()
    {
        using var scope = NewDisposeScope();
        using var unfitted = _clouds.Router(2);
        IReadOnlyList<SkillFeatures> skills = [.. _clouds.Skills(0, 1), .. _clouds.Skills(2, 2, count: 3)];
        using var entropies = CrossFittedEntropies.Fit(unfitted, skills, _quick);

        Assert.Equal([96], entropies.OfTraining("skill-1")!.shape);
        Assert.Null(entropies.OfTraining("skill-2"));
        Assert.Null(entropies.OfTraining("skill-9"));
        Assert.Null(entropies.OfTraining("skill-0"));
    }

    [Fact]
    public void A_router_that_was_fitted_is_refused()
    {
        using var scope = NewDisposeScope();
        using var unfitted = _clouds.Router(2);
        var fitted = RouterTraining.Fit(unfitted, _clouds.Skills(0, 2), _quick).Router;

        var error = Assert.Throws<ArgumentException>(() => CrossFittedEntropies.Fit(fitted, _clouds.Skills(0, 2), _quick));

        Assert.Contains("rows that are fitted", error.Message, StringComparison.Ordinal);
    }

    private static double Logs(Tensor entropies) => entropies.to_type(ScalarType.Float64).clamp_min(1e-6).log().mean().item<double>();
}
