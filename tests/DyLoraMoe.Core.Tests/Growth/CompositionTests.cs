using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

/// <summary>The laws of growth for operators in any order.</summary>
public sealed class CompositionTests
{
    private const int Compositions = 200;

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void Two_hundred_random_compositions_change_no_logit(ModelFamily family)
    {
        using var model = Growths.Model(Small(family));
        using var ids = Growths.AllIds(model.Config.VocabularySize, 2);
        for (var seed = 0; seed < Compositions; seed++)
        {
            using var scope = NewDisposeScope();
            var (operators, plan) = Draw(model.Config, new SeededRandom((ulong)seed, (ulong)family), isPaddedToo: true);
            using var grown = plan.Grow(model, seed);

            var difference = Growths.Difference(model, grown, ids);

            Assert.True(difference <= Growths.Tolerance, $"composition {seed} changed a logit by {difference}: {string.Join(", ", operators)}");
        }
    }

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void After_two_steps_what_random_compositions_added_has_had_a_gradient(ModelFamily family)
    {
        using var model = Growths.Model(Small(family));
        for (var seed = 0; seed < Compositions; seed++)
        {
            using var scope = NewDisposeScope();
            var (operators, plan) = Draw(model.Config, new SeededRandom((ulong)seed, (ulong)family), isPaddedToo: false);
            using var grown = plan.Grow(model, seed);

            var alive = Growths.Alive(grown, plan.StepsToLife, Growths.AllIds(grown.Config.VocabularySize, 2))[^1];

            var share = Growths.Share(alive.Select(pair => (plan.IsNew(pair.Key), pair.Value)));
            Assert.True(share >= 0.99, $"composition {seed} left {1 - share:P1} of what is new without a gradient: {string.Join(", ", operators)}");
        }
    }

    private static ModelConfig Small(ModelFamily family) => TinyModels.Config(family) with
    {
        HiddenSize = 16,
        IntermediateSize = 20,
        HeadSize = 4,
        VocabularySize = 24,
        OutputBias = family == ModelFamily.Llama,
        FeedForwardBias = family == ModelFamily.Llama,
    };

    private static (List<IGrowthOperator> Operators, GrowthPlan Plan) Draw(ModelConfig config, SeededRandom random, bool isPaddedToo)
    {
        var operators = new List<IGrowthOperator>();
        var count = random.Between(2, 6);
        while (operators.Count < count)
        {
            var shape = GrowthPlan.Of(config, operators).After;
            var next = Draw(shape, random, isPaddedToo && random.Chance(0.3) ? GrowthVariant.ZeroPadded : GrowthVariant.RandomReaders);
            try
            {
                next.Plan(shape);
                operators.Add(next);
            }
            catch (GrowthRefusedException)
            {
                // Another kind, then.
            }
        }

        return (operators, GrowthPlan.Of(config, operators));
    }

    private static IGrowthOperator Draw(ModelConfig shape, SeededRandom random, GrowthVariant variant) => random.Next(11) switch
    {
        0 => new InsertLayers(random.Between(0, shape.Layers), random.Between(1, 2), random.Pick(Enum.GetValues<LayerStart>())),
        1 => new WidenFeedForward(shape.IntermediateSize + random.Between(1, 6), variant),
        2 => new AddHeads(random.Between(1, 4), variant),
        3 => new AddKeyValueGroups(1, variant),
        4 => new RaiseQueriesPerGroup(shape.QueriesPerKeyValueHead + 1, variant),
        5 => new UnshareKeyValues(random.Between(2, 3)),
        6 or 7 => new WidenHidden(shape.HiddenSize + random.Between(1, 8), variant),
        8 => new WidenHeads(shape.HeadSize < 8 ? shape.HeadSize * random.Between(2, 3) : shape.HeadSize),
        9 => new RaiseRank(random.Between(1, 64)),
        _ => new ExtendVocabulary(shape.VocabularySize + random.Between(1, 4), variant),
    };
}
