using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class RouterTrainingTests
{
    private static readonly RouterTrainingOptions _quick = new() { Steps = 120, Window = 128 };
    private readonly SkillClouds _clouds = new();

    [Fact]
    public void Every_skill_is_routed_to_its_owner_and_anchors_to_the_backbone()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(4);

        var (fitted, report) = RouterTraining.Fit(router, _clouds.Skills(0, 4), _quick);

        Assert.All(fitted.Experts, expert => Assert.True(expert.IsFitted));
        Assert.All(report.Skills, skill => Assert.True(skill is { Accuracy: >= 0.98, IsHeldOut: true, AccuracyBefore: null }, $"{skill}"));
        Assert.Null(report.Skills[0].Owner);
        Assert.Equal("skill-4", report.Skills[4].Owner);
        Assert.Null(report.DivergenceFromPast);
        Assert.All(router.Experts, expert => Assert.False(expert.IsFitted));
    }

    [Fact]
    public void The_same_input_gives_the_same_router()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(2);

        var first = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick);
        var second = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick);
        var other = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick with { Seed = 2 });

        Assert.Equal(first.Router.Digest, second.Router.Digest);
        Assert.NotEqual(first.Router.Digest, other.Router.Digest);
    }

    [Fact]
    public void Adding_skills_with_stored_features_costs_the_old_ones_at_most_a_point() => Law.Holds(Gen.Choose(1, 1000), seed =>
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(distance: 5, seed: (ulong)seed);
        using var router = clouds.Router(4);
        var first = RouterTraining.Fit(router, clouds.Skills(0, 4), _quick);
        using var larger = first.Router.WithExpert("skill-5");

        var second = RouterTraining.Fit(larger, clouds.Skills(0, 5), _quick);

        var (before, now) = (second.Report.Skills.Take(5).Average(skill => skill.AccuracyBefore!.Value), second.Report.Skills.Take(5).Average(skill => skill.Accuracy));
        Assert.True(now >= before - 0.01, $"{before} -> {now}");
        Assert.True(second.Report.Skills[5].Accuracy >= 0.9, $"{second.Report.Skills[5]}");
    }, cases: 8);

    [Fact]
    public void A_new_row_gives_back_what_it_would_take_of_older_skills()
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(distance: 12);
        using var larger = WithThird(clouds);
        var skills = clouds.Skills(0, 3);
        var between = skills[1] with { HeldOut = SkillClouds.Between(skills[1].HeldOut!, skills[3].HeldOut!) };

        using var free = RouterTraining.Fit(larger, [.. skills.Select(skill => skill with { HeldOut = null })], _quick).Router;
        using var held = RouterTraining.Fit(larger, [skills[0], between, .. skills.Skip(2)], _quick).Router;

        Assert.True(Accuracy(larger, between) >= 0.8, "they reached the older skill's expert");
        Assert.True(Accuracy(free, between) <= 0.5, "the new one takes them");
        Assert.True(Accuracy(held, between) >= Accuracy(larger, between), "they go back");
        Assert.True(Accuracy(held, skills[3]) >= 0.9, "and its own still reach it");
        Assert.Equal(free.Tensors.Gate.data<float>().ToArray(), held.Tensors.Gate.data<float>().ToArray());
    }

    [Fact]
    public void A_row_is_held_back_by_few_of_its_own_prompts_at_most() => Law.Holds(Gen.Choose(1, 1000), seed =>
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(distance: 2.5, seed: (ulong)seed);
        using var larger = WithThird(clouds);
        var skills = clouds.Skills(0, 3);

        using var free = RouterTraining.Fit(larger, [.. skills.Select(skill => skill with { HeldOut = null })], _quick).Router;
        var (held, report) = RouterTraining.Fit(larger, skills, _quick);
        var (further, last) = RouterTraining.Fit(larger, skills, _quick with { HoldBack = 0.5 });

        Assert.True(Accuracy(held, skills[0]) >= Accuracy(free, skills[0]), "what rows give up goes to the backbone too");
        foreach (var skill in skills.Skip(1))
        {
            // Prompts that an older skill had lost before are not its own to lose.
            var own = Reached(skill.Owner == 3 ? free : larger, skill).Zip(Reached(free, skill)).Select(pair => pair.First && pair.Second).ToList();
            Assert.InRange(Kept(held), 0.95 * own.Count(reached => reached), own.Count);
            Assert.InRange(Kept(further), 0.5 * own.Count(reached => reached), own.Count);

            int Kept(DynamicHybridRouter now) => own.Zip(Reached(now, skill)).Count(pair => pair.First && pair.Second);
        }

        Assert.True(last.Skills.Sum(skill => skill.Taken) <= report.Skills.Sum(skill => skill.Taken));
    }, cases: 8);

    [Fact]
    public void A_row_that_was_held_back_stays_so()
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(distance: 12);
        using var larger = WithThird(clouds);
        var skills = clouds.Skills(0, 3);
        List<SkillFeatures> between = [skills[0], skills[1] with { HeldOut = SkillClouds.Between(skills[1].HeldOut!, skills[3].HeldOut!) }, .. skills.Skip(2)];
        using var held = RouterTraining.Fit(larger, between, _quick).Router;

        // Without distillation nothing else reminds the rows of it.
        using var again = RouterTraining.Fit(held, between, _quick with { Distillation = 0, Rate = 0.2, Seed = 2 }).Router;
        using var free = RouterTraining.Fit(held, skills, _quick with { Distillation = 0, Rate = 0.2, Seed = 2 }).Router;

        Assert.True(Accuracy(free, between[1]) < Accuracy(held, between[1]) - 0.1, "a fit that does not know of them takes them again");
        Assert.True(Accuracy(again, between[1]) >= Accuracy(held, between[1]), "one that does leaves them");
    }

    [Fact]
    public void A_row_that_takes_nothing_is_left_as_it_was_fitted()
    {
        using var scope = NewDisposeScope();
        using var larger = WithThird(_clouds);
        var skills = _clouds.Skills(0, 3);

        var free = RouterTraining.Fit(larger, [.. skills.Select(skill => skill with { HeldOut = null })], _quick);
        var held = RouterTraining.Fit(larger, skills, _quick);

        Assert.Equal(free.Router.Digest, held.Router.Digest);
        Assert.All(held.Report.Skills, skill => Assert.Equal(0, skill.Taken));
    }

    [Fact]
    public void Without_stored_features_and_distillation_the_old_skills_are_forgotten()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(4);
        var first = RouterTraining.Fit(router, _clouds.Skills(0, 4), _quick);
        using var larger = first.Router.WithExpert("skill-5");
        var forgetful = _quick with { Distillation = 0, RequireEverySkill = false };

        var second = RouterTraining.Fit(larger, _clouds.Skills(5, 5), forgetful);

        var old = _clouds.Skills(0, 4).Average(skill => Accuracy(second.Router, skill));
        Assert.True(first.Report.Accuracy - old > 0.2, $"{first.Report.Accuracy} -> {old}");
    }

    [Fact]
    public void Distillation_keeps_the_router_closer_to_its_past()
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(distance: 2.5);
        using var router = clouds.Router(3);
        var first = RouterTraining.Fit(router, clouds.Skills(0, 3), _quick);
        using var larger = first.Router.WithExpert("skill-4");

        var held = RouterTraining.Fit(larger, clouds.Skills(0, 4), _quick with { Distillation = 4 });
        var free = RouterTraining.Fit(larger, clouds.Skills(0, 4), _quick with { Distillation = 0 });

        Assert.True(held.Report.DivergenceFromPast < free.Report.DivergenceFromPast, $"{held.Report.DivergenceFromPast} against {free.Report.DivergenceFromPast}");
    }

    [Fact]
    public void Forgetting_a_known_skill_by_leaving_it_out_is_refused()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(2);
        var first = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick);

        var error = Assert.Throws<ArgumentException>(() => RouterTraining.Fit(first.Router, _clouds.Skills(2, 2), _quick));

        Assert.Contains("the backbone (anchor prompts), 'skill-1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pitfall_3_a_new_row_learns_from_the_first_step()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(2);
        var first = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick);
        using var larger = first.Router.WithExpert("skill-3");

        var second = RouterTraining.Fit(larger, _clouds.Skills(0, 3), _quick with { Steps = 1 });

        Assert.Equal(0, larger.Tensors.Gate[3].abs().max().item<float>());
        Assert.True(second.Router.Tensors.Gate[3].abs().min().item<float>() > 0);
        Assert.True(second.Router.Experts[2].IsFitted);
    }

    [Fact]
    public void An_expert_without_samples_stays_unfitted_and_without_weight()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(3);

        var fitted = RouterTraining.Fit(router, _clouds.Skills(0, 2), _quick).Router;

        Assert.False(fitted.Experts[2].IsFitted);
        Assert.Equal(0, fitted.Probabilities(_clouds.Draw(3, 20, 3)).select(1, 3).max().item<float>());
    }

    [Fact]
    public void Small_skills_count_as_much_as_large_ones()
    {
        using var scope = NewDisposeScope();
        var clouds = new SkillClouds(width: 8, distance: 2);
        using var router = clouds.Router(2);
        SkillFeatures[] skills = [.. clouds.Skills(0, 0, count: 40), .. clouds.Skills(1, 1, count: 2000), .. clouds.Skills(2, 2, count: 40)];

        var report = RouterTraining.Fit(router, skills, _quick with { Steps = 300 }).Report;

        Assert.True(report.Skills.Min(skill => skill.Accuracy) > 0.55, string.Join(", ", report.Skills));
    }

    [Fact]
    public void Pitfall_7_a_window_of_one_skill_has_no_balancing_loss()
    {
        using var scope = NewDisposeScope();
        var scores = Routers.Features(12).requires_grad_(true);

        var single = LoadBalance.Of(scores.softmax(-1), [.. Enumerable.Repeat(3, 12)], Routers.Width);
        var mixed = LoadBalance.Of(scores.softmax(-1), [.. Enumerable.Repeat(3, 11), 4], Routers.Width);

        Assert.Equal(0, single.item<float>());
        Assert.False(single.requires_grad);
        mixed.backward();
        Assert.True(mixed.item<float>() > 0);
        Assert.True(scores.grad!.abs().max().item<float>() > 0);
    }

    [Fact]
    public void Even_use_has_the_least_balancing_loss()
    {
        using var scope = NewDisposeScope();
        var even = eye(4) * 20;
        var uneven = zeros(4, 4);
        uneven.select(1, 0).fill_(20);

        Assert.Equal(1, LoadBalance.Of(even.softmax(-1), [0, 1, 2, 3], 4).item<float>(), 1e-5);
        Assert.Equal(4, LoadBalance.Of(uneven.softmax(-1), [0, 1, 2, 3], 4).item<float>(), 1e-5);
    }

    [Fact]
    public void Windows_hold_every_skill_alike_and_use_all_samples()
    {
        var windows = new SkillWindows([5, 50, 10], 16, seed: 3);
        var seen = Enumerable.Range(0, 20).SelectMany(_ => windows.Take()).ToList();

        Assert.Equal([5, 5, 5], windows.Skills.GroupBy(skill => skill).Select(group => group.Count()));
        Assert.Equal(65, seen.Distinct().Count());
    }

    [Theory]
    [InlineData(-1, 48, "expected 0")]
    [InlineData(3, 48, "expected 0")]
    [InlineData(1, 47, "expected (at least one prompt, 48)")]
    public void Samples_that_fit_no_row_are_refused(int owner, int width, string message)
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(2);

        var error = Assert.Throws<ArgumentException>(() => RouterTraining.Fit(router, [new SkillFeatures("odd", owner, ones(3, width))]));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fitting_can_be_stopped()
    {
        using var scope = NewDisposeScope();
        using var router = _clouds.Router(1);

        Assert.Throws<OperationCanceledException>(() => RouterTraining.Fit(router, _clouds.Skills(0, 1), cancellationToken: new CancellationToken(true)));
    }

    // A router that was fitted to two skills, with an expert for a third.
    private static DynamicHybridRouter WithThird(SkillClouds clouds)
    {
        using var router = clouds.Router(2);
        using var fitted = RouterTraining.Fit(router, clouds.Skills(0, 2), _quick).Router;
        return fitted.WithExpert("skill-3");
    }

    private static bool[] Reached(DynamicHybridRouter router, SkillFeatures skill) =>
        router.Probabilities(skill.HeldOut!).argmax(-1).eq(skill.Owner).data<bool>().ToArray();

    private static double Accuracy(DynamicHybridRouter router, SkillFeatures skill) => Reached(router, skill).Average(reached => reached ? 1.0 : 0.0);
}
