using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Data;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class DynamicHybridRouterTests
{
    [Fact]
    public void Probabilities_are_the_softmax_of_the_gate_over_standardised_features()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0.2, 0.4], new RouterOptions { Temperature = 1.7 });
        var features = Routers.Features(5);

        var standardised = (features - router.Tensors.Mean) / router.Tensors.Scale / Math.Sqrt(Routers.Width);
        var expected = ((standardised.matmul(router.Tensors.Gate.t()) + router.Tensors.Bias) / 1.7).softmax(-1);

        TensorAssert.Close(expected, router.Probabilities(features), 1e-6);
    }

    [Fact]
    public void While_an_expert_is_wholly_immature_weights_are_the_probabilities()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 1, 1]);
        var features = Routers.Features(6);

        Assert.Equal(new RoutingMode(RoutingModeKind.Dense, 0, "expert-1"), router.Mode);
        TensorAssert.Same(router.Probabilities(features).narrow(1, 1, 3), router.Weights(features));
    }

    [Fact]
    public void Once_all_are_mature_the_likeliest_alone_gets_weight_one()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([1, 1, 1]);
        var features = Routers.Features(40);

        var best = router.Probabilities(features).argmax(-1);
        var expected = nn.functional.one_hot(best, 4).to_type(ScalarType.Float32).narrow(1, 1, 3);

        Assert.Equal(new RoutingMode(RoutingModeKind.Sparse, 1, null), router.Mode);
        TensorAssert.Same(expected, router.Weights(features));
        Assert.Contains(0f, router.Weights(features).sum(-1).data<float>().ToArray());   // The bare backbone wins somewhere.
    }

    [Fact]
    public void The_k_likeliest_share_by_their_probabilities()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([1, 1, 1], new RouterOptions { TopK = 2 });
        var features = Routers.Features(20);

        var probabilities = router.Probabilities(features);
        var (values, chosen) = probabilities.topk(2);
        var expected = zeros_like(probabilities).scatter(1, chosen, values / values.sum(-1, keepdim: true)).narrow(1, 1, 3);

        TensorAssert.Close(expected, router.Weights(features), 1e-6);
    }

    [Fact]
    public void In_between_the_least_maturity_blends_the_two() => Law.Holds(Gen.Choose(0, 100), percent =>
    {
        using var scope = NewDisposeScope();
        using var dense = Routers.Fitted([0, 1, 0.99]);
        using var sparse = Routers.Fitted([1, 1, 1]);
        using var router = dense.WithMaturity("expert-1", percent / 100.0).WithMaturity("expert-3", 1);
        var features = Routers.Features(8);

        var expected = (dense.Weights(features) * (1 - (percent / 100.0))) + (sparse.Weights(features) * (percent / 100.0));

        TensorAssert.Close(expected, router.Weights(features), 1e-6);
    });

    [Fact]
    public void Weights_are_shares_and_leave_the_rest_to_the_backbone() => Law.Holds(Gen.Choose(0, 1000).Three(), choice =>
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([choice.Item1 / 1000.0, choice.Item2 / 1000.0, 1], new RouterOptions { TopK = 1 + (choice.Item3 % 4) }, (ulong)choice.Item3);
        var weights = router.Weights(Routers.Features(4, (ulong)choice.Item1));

        Assert.True(weights.min().item<float>() >= 0);
        Assert.True(weights.sum(-1).max().item<float>() <= 1 + 1e-6);
    });

    [Fact]
    public void Entropy_is_one_where_all_are_alike_and_zero_where_one_is_sure()
    {
        using var scope = NewDisposeScope();
        using var undecided = Routers.Fitted([0, 0, 0], loudness: 0);
        using var certain = undecided.WithOptions(new RouterOptions { Temperature = 0.01 });
        using var bare = DynamicHybridRouter.Create(Routers.Identity, FeatureScaling.Of(Routers.Features(9)));
        var features = Routers.Features(3);

        Assert.InRange(undecided.Entropy(features).min().item<float>(), 0.98f, 1f);
        Assert.InRange(certain.Entropy(features).max().item<float>(), 0f, 0.2f);
        Assert.Equal(0, bare.WithExpert("new").Entropy(features).max().item<float>());
    }

    [Fact]
    public void Entropy_counts_fitted_columns_only()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 0, 0]);
        var features = Routers.Features(7);

        TensorAssert.Close(router.Entropy(features), router.WithExpert("a").WithExpert("b").Entropy(features), 1e-7);
    }

    [Fact]
    public void Pitfall_3_a_new_expert_takes_no_weight_from_the_others()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([1, 0.7, 1]);
        using var larger = router.WithExpert("expert-4");
        var features = Routers.Features(50);

        Assert.Equal(router.Mode, larger.Mode);
        TensorAssert.Close(router.Weights(features), larger.Weights(features).narrow(1, 0, 3), 1e-7);
        Assert.Equal(0, larger.Weights(features).select(1, 3).abs().max().item<float>());
        Assert.Equal(0, larger.Probabilities(features).select(1, 4).abs().max().item<float>());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.6)]
    [InlineData(1.0)]
    public void Pitfall_3_adding_an_untrained_expert_leaves_the_logits_as_they_were(double maturity)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create();
        var trained = Enumerable.Range(1, 3).Select(seed => LoraAdapters.Trained(model, seed)).ToList();
        var added = LoraAdapter.Create(model, new LoraConfig(), seed: 4);
        using var router = Routers.Fitted([maturity, maturity, maturity]);
        using var larger = router.WithExpert("expert-4");
        using var before = new AdapterBank(trained);
        using var after = new AdapterBank([.. trained, added]);
        var (ids, features) = (CausalLanguageModelTests.RandomIds(6, 9), Routers.Features(6));

        Tensor Logits(AdapterBank bank, DynamicHybridRouter gate)
        {
            using var batch = new AdapterBatch(bank, gate.Weights(features).to(TestDevice.Current), 9);
            return model.Logits(ids, new ForwardOptions { Delta = batch });
        }

        TensorAssert.Close(Logits(before, router), Logits(after, larger), 1e-5);
    }

    [Fact]
    public void Pitfall_4_an_expert_that_stays_immature_is_named()
    {
        using var router = Routers.Fitted([0.3, 1, 1]);

        // Others mature and new ones come: none of that makes the first one mature, and the mode says who holds back.
        using var later = router.WithExpert("expert-4", maturity: 1).WithMaturity("expert-2", 1);

        Assert.Equal(new RoutingMode(RoutingModeKind.Blended, 0.3, "expert-1"), later.Mode);
        Assert.Equal(0.3, later.Experts[0].Maturity);
        Assert.Equal(RoutingModeKind.Sparse, later.WithMaturity("expert-1", 1).Mode.Kind);
    }

    [Fact]
    public void Pitfall_9_equal_features_are_routed_alike_whatever_comes_with_them()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0.5, 0.5, 0.5]);
        var many = Routers.Features(33);

        for (var row = 0; row < 33; row++)
        {
            TensorAssert.Same(router.Weights(many.narrow(0, row, 1)), router.Weights(many).narrow(0, row, 1));
        }
    }

    [Fact]
    public void Pitfall_10_every_prompt_of_a_batch_has_its_own_experts()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([1, 1, 1]);

        var chosen = router.Weights(Routers.Features(40)).argmax(-1).data<long>().ToArray();

        Assert.Equal([0L, 1L, 2L], chosen.Distinct().Order());
    }

    [Fact]
    public void Without_an_expert_the_others_keep_their_proportions()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 0, 0]);
        using var smaller = router.Without("expert-2");
        var features = Routers.Features(6);

        var kept = router.Probabilities(features).index_select(1, tensor(new long[] { 0, 1, 3 }));

        Assert.Equal(["expert-1", "expert-3"], smaller.Experts.Select(expert => expert.Name));
        TensorAssert.Close(kept / kept.sum(-1, keepdim: true), smaller.Probabilities(features), 1e-6);
    }

    [Fact]
    public void A_changed_copy_leaves_the_original_alone()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 0]);
        var features = Routers.Features(3);
        var before = router.Weights(features);

        router.WithExpert("more").Dispose();
        router.WithMaturity("expert-1", 1).Dispose();
        router.Without("expert-1").Dispose();

        TensorAssert.Same(before, router.Weights(features));
    }

    [Fact]
    public void Impossible_experts_and_features_are_refused()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 0]);

        Assert.Contains("already has", Assert.Throws<ArgumentException>(() => router.WithExpert("expert-1")).Message, StringComparison.Ordinal);
        Assert.Contains("expert-1, expert-2", Assert.Throws<ArgumentException>(() => router.Without("nobody")).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 1", Assert.Throws<ArgumentException>(() => router.WithMaturity("expert-1", double.NaN)).Message, StringComparison.Ordinal);
        Assert.Contains("(prompts, 12)", Assert.Throws<ArgumentException>(() => router.Weights(ones(2, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => router.Weights(full([2, Routers.Width], float.NaN))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_hardly_varies_over_the_anchors_does_not_shout()
    {
        using var scope = NewDisposeScope();
        var anchors = Routers.Features(20);
        anchors.select(1, 3).fill_(4);

        using var scaling = FeatureScaling.Of(anchors);

        Assert.Equal(4f, scaling.Mean[3].item<float>());
        Assert.InRange(scaling.Scale[3].item<float>(), 0.05f, 0.2f);
        TensorAssert.Close(anchors[.., 0].to_type(ScalarType.Float64).std(unbiased: false), scaling.Scale[0].to_type(ScalarType.Float64), 1e-6);
    }
}
