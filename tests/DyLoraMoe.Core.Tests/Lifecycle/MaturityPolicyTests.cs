using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Lifecycle;

public class MaturityPolicyTests
{
    private static readonly MaturityPolicy Policy = new();

    private static readonly MaturityEvidence Ripe = new()
    {
        BackboneLoss = 3,
        ExpertLoss = 0.5,
        Curve = [new(0, 3), new(1000, 1), new(2000, 0.52), new(3000, 0.51), new(4000, 0.5)],
        RoutedShare = 0.98,
        SamplesSeen = 500,
    };

    private static FsCheck.Gen<MaturityEvidence> Evidence { get; } =
        from backbone in Gen.Choose(1, 5000)
        from expert in Gen.Choose(0, 6000)
        from losses in Gen.Choose(0, 6000).ArrayOf().Resize(8)
        from routed in Gen.Choose(-1, 100)
        from samples in Gen.Choose(0, 200)
        select new MaturityEvidence
        {
            BackboneLoss = backbone / 1000.0,
            ExpertLoss = expert / 1000.0,
            Curve = [.. losses.Select((loss, at) => new LossPoint(1000 * at, loss / 1000.0))],
            RoutedShare = routed < 0 ? null : routed / 100.0,
            SamplesSeen = samples,
        };

    [Fact]
    public void An_expert_that_helps_has_settled_is_found_and_has_seen_enough_is_mature()
    {
        var state = Policy.Update(null, Ripe);

        Assert.True(state.IsMature);
        Assert.Equal(1, state.Degree);
        Assert.StartsWith("mature (0.98", Policy.Explain(state), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_component_alone_holds_it_back_and_is_named_with_its_figures()
    {
        AssertHeldBack(Ripe with { ExpertLoss = 2.9 }, "gain 0.33: 0.1000 of 0.3000 nats/token over the backbone's 3.0000");
        AssertHeldBack(Ripe with { Curve = [new(0, 3), new(1000, 2), new(2000, 1), new(3000, 0.5)] }, "flatness 0.40: the last 3 evaluations still gained 1.5000 nats/token of 2.5000");
        AssertHeldBack(Ripe with { Curve = [new(0, 3), new(1000, 0.5)] }, "flatness 0.00: 2 of 3 evaluations");
        AssertHeldBack(Ripe with { RoutedShare = 0.625 }, "routing 0.63: 62.5 % of its own held-out samples");
        AssertHeldBack(Ripe with { RoutedShare = null }, "routing 0.00: no router knows it yet");
        AssertHeldBack(Ripe with { SamplesSeen = 16 }, "samples 0.25: 16 of 64");

        static void AssertHeldBack(MaturityEvidence evidence, string expected)
        {
            var state = Policy.Update(null, evidence);
            Assert.False(state.IsMature);
            Assert.InRange(state.Degree, 0, 0.999);
            Assert.Contains("held back by " + expected, Policy.Explain(state), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Maturity_lies_between_0_and_1_and_is_the_least_component() =>
        Law.Holds(Evidence, evidence =>
        {
            var parts = Policy.Components(evidence);

            Assert.All([parts.Gain, parts.Flatness, parts.Routing, parts.Samples], part => Assert.InRange(part, 0, 1));
            Assert.Equal(new[] { parts.Gain, parts.Flatness, parts.Routing, parts.Samples }.Min(), Policy.Update(null, evidence).Value);
        });

    [Fact]
    public void More_of_anything_never_lowers_maturity() =>
        Law.Holds(
            from evidence in Evidence
            from before in Gen.Choose(0, 100)
            from was in Gen.Elements(false, true)
            from more in Gen.Choose(0, 2000)
            select (evidence, before, was, more),
            c =>
            {
                var past = Policy.Update(null, Ripe) with { Value = c.before / 100.0, IsMature = c.was };
                var now = Policy.Update(past, c.evidence);
                MaturityEvidence[] better =
                [
                    c.evidence with { ExpertLoss = Math.Max(0, c.evidence.ExpertLoss - (c.more / 1000.0)) },
                    c.evidence with { RoutedShare = Math.Min(1, (c.evidence.RoutedShare ?? 0) + (c.more / 2000.0)) },
                    c.evidence with { SamplesSeen = c.evidence.SamplesSeen + c.more },
                    c.evidence with { Curve = Flatter(c.evidence.Curve) },
                ];

                Assert.All(better, evidence =>
                {
                    var then = Policy.Update(past, evidence);
                    Assert.True(then.Value >= now.Value - 1e-12);
                    Assert.True(then.Degree >= now.Degree - 1e-12);
                    Assert.True(then.IsMature || !now.IsMature);
                });
                Assert.True(Policy.Update(past with { Value = Math.Min(1, past.Value + 0.1) }, c.evidence).Value >= now.Value);
            });

    [Fact]
    public void It_does_not_matter_in_what_unit_loss_and_tokens_are_counted() =>
        Law.Holds(
            from evidence in Evidence
            from scale in Gen.Elements(0.01, 0.5, 3.0, 100.0)
            select (evidence, scale),
            c =>
            {
                var scaled = c.evidence with
                {
                    BackboneLoss = c.evidence.BackboneLoss * c.scale,
                    ExpertLoss = c.evidence.ExpertLoss * c.scale,
                    Curve = [.. c.evidence.Curve.Select(point => new LossPoint(point.Tokens * 7, point.Loss * c.scale))],
                };

                Assert.Equal(Policy.Components(c.evidence).Least, Policy.Components(scaled).Least, 1e-9);
            });

    [Fact]
    public void The_order_of_the_evaluations_in_a_list_does_not_matter() =>
        Law.Holds(Evidence, evidence =>
            Assert.Equal(Policy.Components(evidence), Policy.Components(evidence with { Curve = [.. evidence.Curve.Reverse()] })));

    [Fact]
    public void Between_the_thresholds_nothing_flips() =>
        Law.Holds(
            from shares in Gen.Choose(70, 89).ArrayOf().Resize(30)
            from mature in Gen.Elements(false, true)
            select (shares, mature),
            c =>
            {
                var state = Policy.Update(null, Ripe with { RoutedShare = c.mature ? 0.9 : 0.8 });
                foreach (var share in c.shares)
                {
                    state = Policy.Update(state, Ripe with { RoutedShare = share / 100.0 });
                    Assert.Equal(c.mature, state.IsMature);
                }
            });

    [Fact]
    public void Every_flip_is_a_whole_way_from_one_threshold_to_the_other() =>
        Law.Holds(Gen.Choose(0, 100).ArrayOf().Resize(60), shares =>
        {
            var policy = Policy with { Smoothing = 0.3 };
            MaturityState? state = null;
            foreach (var share in shares)
            {
                var next = policy.Update(state, Ripe with { RoutedShare = share / 100.0 });
                if (state is not null && next.IsMature != state.IsMature)
                {
                    Assert.True(next.IsMature ? next.Value >= 0.9 : next.Value < 0.7);
                }

                state = next;
            }
        });

    [Fact]
    public void One_bad_update_does_not_unmake_an_expert_but_two_do()
    {
        var state = Policy.Update(null, Ripe);
        var bad = Ripe with { RoutedShare = 0.5 };

        var once = Policy.Update(state, bad);
        var twice = Policy.Update(once, bad);

        Assert.Equal((true, false), (once.IsMature, twice.IsMature));
        Assert.Equal(3, twice.Updates);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void Nothing_that_is_odd_once_unmakes_an_expert_however_odd_it_is(double routed)
    {
        var state = Policy.Update(null, Ripe);
        var odd = Ripe with { RoutedShare = routed };

        var once = Policy.Update(state, odd);
        var again = Policy.Update(Policy.Update(once, Ripe), odd);

        Assert.Equal((true, 1.0), (once.IsMature, once.Degree));
        Assert.True(once.Value < Policy.ImmatureBelow);
        Assert.Contains("until its evidence is once more below 0.70", Policy.Explain(once), StringComparison.Ordinal);
        Assert.True(Policy.Reroute(once, routed).IsMature);
        Assert.True(Policy.Update(once, Ripe).IsMature && Policy.Update(once, Ripe with { RoutedShare = 0.71 }).IsMature && again.IsMature);
        Assert.False(Policy.Update(once, odd).IsMature);
        Assert.False(Policy.Reroute(Policy.Update(once, odd), routed).IsMature);
    }

    [Fact]
    public void An_expert_that_its_prompts_no_longer_reach_is_unmade_by_the_second_router_that_says_so()
    {
        var once = Policy.Reroute(Policy.Update(null, Ripe), 0.5);

        Assert.True(once.IsMature);
        Assert.True(Policy.Reroute(once, 0.5).IsMature, "the same measurement once more");
        Assert.True(Policy.Reroute(once, 1).IsMature);
        Assert.False(Policy.Reroute(once, 0.48).IsMature);
    }

    [Fact]
    public void A_run_that_was_hardly_looked_at_leaves_flatness_as_it_was()
    {
        var state = Policy.Update(null, Ripe);
        var seldom = Ripe with { Curve = [new(0, 0.5), new(1000, 0.3)], ExpertLoss = 0.3 };

        var after = Policy.Update(state, seldom);

        Assert.Equal(state.Components.Flatness, after.Components.Flatness);
        Assert.Equal(after.Components, Policy.Reroute(after, seldom.RoutedShare).Components);
        Assert.True(after.IsMature);
        Assert.Equal(0, Policy.Update(null, seldom).Components.Flatness);
        Assert.Contains("as before: 2 of 3 evaluations", Policy.Explain(after with { Components = after.Components with { Flatness = 0.5 } }), StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_counts_once_however_often_its_routing_is_measured() =>
        Law.Holds(
            from first in Evidence
            from second in Evidence
            from updates in Gen.Choose(1, 2)
            from shares in Gen.Choose(0, 100).ArrayOf().Resize(5)
            select (first, second, updates, shares),
            c =>
            {
                var (last, past) = (c.updates == 1 ? c.first : c.second, c.updates == 1 ? null : Policy.Update(null, c.first));
                var state = Policy.Update(past, last);
                foreach (var share in c.shares)
                {
                    state = Policy.Reroute(state, share / 100.0);
                    Assert.Equal(Policy.Update(past, last with { RoutedShare = share / 100.0 }).Value, state.Value, 1e-12);
                    Assert.Equal(c.updates, state.Updates);
                }

                var again = Policy.Reroute(state, state.Evidence.RoutedShare);
                Assert.Equal((state.Value, state.IsMature, state.Degree, state.Components), (again.Value, again.IsMature, again.Degree, again.Components));
            });

    [Fact]
    public void Evidence_is_known_by_its_losses_and_samples_and_not_by_its_routing()
    {
        var state = JsonSerializer.Deserialize<MaturityState>(JsonSerializer.Serialize(Policy.Update(null, Ripe)))!;

        Assert.True(Policy.IsKnown(state, Ripe with { RoutedShare = null }));
        Assert.False(Policy.IsKnown(state, Ripe with { ExpertLoss = 0.4999 }));
        Assert.False(Policy.IsKnown(state, Ripe with { SamplesSeen = 501 }));
        Assert.False(Policy.IsKnown(state, Ripe with { Curve = [.. Ripe.Curve, new(5000, 0.5)] }));
    }

    [Theory]
    [InlineData(0, 36, 297, 36)]
    [InlineData(0, 900, 297, 297)]
    [InlineData(36, 40, 297, 76)]
    [InlineData(290, 40, 297, 297)]
    [InlineData(500, 40, 297, 500)]
    public void Samples_seen_stay_seen_and_none_counts_twice(long before, long shown, long different, long seen) =>
        Assert.Equal(seen, MaturityEvidence.SamplesAfter(before, shown, different));

    // Pitfall 4 of the prior art: an expert became mature only when the next one was made, so the set never was.
    [Fact]
    public void Every_expert_matures_by_its_own_evidence_in_any_order()
    {
        string[] experts = ["first", "second", "third"];
        var states = new Dictionary<string, MaturityState?>(StringComparer.Ordinal);
        foreach (var name in new[] { "third", "first", "second" })
        {
            states[name] = Policy.Update(null, name == "second" ? Ripe with { SamplesSeen = 1 } : Ripe);
        }

        Assert.Equal([true, false, true], experts.Select(name => states[name]!.IsMature));
        for (var i = 0; i < 5; i++)
        {
            states["second"] = Policy.Update(states["second"], Ripe);
        }

        Assert.All(states.Values, state => Assert.Equal(1, state!.Degree));
    }

    [Fact]
    public void A_state_survives_being_written()
    {
        var state = Policy.Update(null, Ripe);

        var again = JsonSerializer.Deserialize<MaturityState>(JsonSerializer.Serialize(state))!;

        Assert.Equal(JsonSerializer.Serialize(Policy.Update(state, Ripe)), JsonSerializer.Serialize(Policy.Update(again, Ripe)));
        Assert.Equal(Policy.Explain(state), Policy.Explain(again));
        Assert.Equal(3, again.Evidence.Curve.Count);
    }

    [Fact]
    public void An_absolute_target_takes_the_place_of_the_share() =>
        Assert.Equal(0.5, (Policy with { TargetGainNats = 5 }).Components(Ripe).Gain, 1e-12);

    [Fact]
    public void A_loss_that_rises_again_counts_as_flat_since_the_best_weights_are_kept() =>
        Assert.Equal(1, Policy.Components(Ripe with { Curve = [new(0, 3), new(1, 0.5), new(2, 0.6), new(3, 0.7)] }).Flatness);

    [Fact]
    public void Figures_that_are_not_finite_and_thresholds_that_cross_are_refused()
    {
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => Policy.Update(null, Ripe with { ExpertLoss = double.NaN })).Message, StringComparison.Ordinal);
        Assert.Throws<ValidationException>(() => (Policy with { ImmatureBelow = 0.95 }).Update(null, Ripe));
    }

    private static IReadOnlyList<LossPoint> Flatter(IReadOnlyList<LossPoint> curve) =>
        curve.Count == 0 ? curve : [.. curve.Select(point => point with { Loss = curve[^1].Loss + ((point.Loss - curve[^1].Loss) * 0.5) })];
}
