using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

/// <summary>What the tests of growth share: one operator of every kind, and the laws that each must keep.</summary>
internal static class Growths
{
    public const double Tolerance = 1e-5;

    /// <summary>A tiny model of a family, frozen and in evaluation mode.</summary>
    public static CausalLanguageModel Model(ModelFamily family = ModelFamily.Llama) => Model(TinyModels.Config(family));

    /// <summary>A model of a shape, frozen and in evaluation mode.</summary>
    public static CausalLanguageModel Model(ModelConfig config, long seed = 7)
    {
        using var weights = new LivelyWeights(config, seed);
        var model = new CausalLanguageModel(config, weights);
        model.eval();
        return model;
    }

    /// <summary>Every operator that is exact for a shape, by a name for the test's title.</summary>
    public static IReadOnlyDictionary<string, IGrowthOperator> Exact(ModelConfig config)
    {
        var share = config.QueriesPerKeyValueHead;
        var all = new Dictionary<string, IGrowthOperator>
        {
            ["a layer in front"] = new InsertLayers(0),
            ["two layers inside"] = new InsertLayers(1, 2),
            ["a copied layer at the end"] = new InsertLayers(config.Layers, Start: LayerStart.Neighbour),
            ["an identity layer"] = new InsertLayers(1, Start: LayerStart.Identity),
            ["feed-forward"] = new WidenFeedForward(config.IntermediateSize + 10),
            ["feed-forward, padded"] = new WidenFeedForward(config.IntermediateSize + 10, GrowthVariant.ZeroPadded),
            ["heads"] = new AddHeads(share == 1 ? 1 : config.KeyValueHeads),
            ["key/value groups"] = new AddKeyValueGroups(1),
            ["key/value groups, padded"] = new AddKeyValueGroups(2, GrowthVariant.ZeroPadded),
            ["queries per group"] = new RaiseQueriesPerGroup(share + 1),
            ["queries per group, padded"] = new RaiseQueriesPerGroup(share + 2, GrowthVariant.ZeroPadded),
            ["hidden width"] = new WidenHidden(config.HiddenSize + 6),
            ["hidden width, four times"] = new WidenHidden(config.HiddenSize * 4),
            ["hidden width, padded"] = new WidenHidden(config.HiddenSize + 6, GrowthVariant.ZeroPadded),
            ["rank"] = new RaiseRank(16),
        };
        if (share > 1)
        {
            all["unshared"] = new UnshareKeyValues(share);
        }

        if (!config.QkNorm)
        {
            all["head size, twice"] = new WidenHeads(config.HeadSize * 2);
            all["head size, three times"] = new WidenHeads(config.HeadSize * 3);
        }

        return all;
    }

    /// <summary>The largest difference between the logits of a model and of its grown self, over the smaller vocabulary.</summary>
    public static double Difference(CausalLanguageModel model, CausalLanguageModel grown, Tensor ids)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return TensorAssert.LargestDifference(model.call(ids), grown.call(ids)[.., .., ..model.Config.VocabularySize]);
    }

    /// <summary>Token ids in which every token occurs before another.</summary>
    public static Tensor AllIds(int vocabulary, int rows)
    {
        var tokens = ((vocabulary - 1) / rows) + 1;
        using var random = new Generator(11, CPU);
        using var order = randperm(rows * tokens, generator: random);
        using var each = order.remainder(vocabulary).view(rows, tokens);
        return cat([each, each[.., ..1]], 1).to(TestDevice.Current);
    }

    /// <summary>
    /// Trains by plain gradient steps and returns, for every weight, which entries have had a gradient after each step.
    /// </summary>
    public static List<Dictionary<string, Tensor>> Alive(CausalLanguageModel grown, int steps, Tensor ids, double rate = 0.1)
    {
        grown.Unfreeze();
        var alive = new List<Dictionary<string, Tensor>>();
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var logits = grown.call(ids);                                                          // (B, T, V)
            var vocabulary = logits.shape[2];
            var loss = nn.functional.cross_entropy(logits[.., ..^1].reshape(-1, vocabulary), ids[.., 1..].reshape(-1));
            loss.backward();
            using var _ = no_grad();
            var reached = new Dictionary<string, Tensor>();
            foreach (var (name, parameter) in grown.named_parameters())
            {
                var now = parameter.grad is { } gradient ? gradient.ne(0) : zeros_like(parameter, ScalarType.Bool);
                reached[name] = (step == 0 ? now : now.logical_or(alive[^1][name])).DetachFromDisposeScope();
                if (parameter.grad is { } slope)
                {
                    parameter.sub_(slope * rate);
                }

                parameter.grad = null;
            }

            alive.Add(reached);
        }

        return alive;
    }

    /// <summary>The share of some entries that others cover; one when there are none.</summary>
    public static double Share(IEnumerable<(Tensor Of, Tensor Covered)> parts)
    {
        using var scope = NewDisposeScope();
        var (all, covered) = (0L, 0L);
        foreach (var (of, reached) in parts)
        {
            all += of.sum().item<long>();
            covered += of.logical_and(reached.cpu()).sum().item<long>();
        }

        return all == 0 ? 1 : (double)covered / all;
    }
}
