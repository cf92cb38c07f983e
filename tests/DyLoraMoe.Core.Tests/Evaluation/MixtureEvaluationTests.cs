using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Adapters;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class MixtureEvaluationTests
{
    [Theory]
    [InlineData(ModelFamily.Llama, AdapterMode.Full, false)]
    [InlineData(ModelFamily.Llama, AdapterMode.Activated, false)]
    [InlineData(ModelFamily.Qwen2, AdapterMode.Activated, true)]
    public void A_sample_given_to_one_adapter_scores_what_that_adapter_scores_alone(ModelFamily family, AdapterMode mode, bool adaptHead)
    {
        using var model = TinyModels.Create(family);
        using var first = LoraAdapterTests.Trained(model, new LoraConfig { Mode = mode, AdaptHead = adaptHead }, seed: 1);
        using var second = LoraAdapterTests.Trained(model, new LoraConfig { Rank = 3, Mode = AdapterMode.Full }, seed: 2);
        using var bank = new AdapterBank([first, second]);
        var samples = new Invocation(first.Config).Of(TinyData.Shifted(9));
        var set = EvaluationSet.OfSamples(samples);
        var evaluator = new LanguageModelEvaluator(model, new EvaluationOptions { TokensPerBatch = 64 });

        var mixed = evaluator.Evaluate(set, bank, [.. Enumerable.Range(0, 9).Select(row => (row % 3) switch { 0 => new[] { 1f, 0f }, 1 => [0f, 1f], _ => [0f, 0f] })]);

        var expected = new[] { evaluator.Evaluate(set, first), evaluator.Evaluate(set, second), evaluator.Evaluate(set) };
        for (var row = 0; row < 9; row++)
        {
            Assert.Equal(expected[row % 3].Samples[row].Nats, mixed.Samples[row].Nats, 1e-3);
        }

        Assert.NotEqual(expected[0].Loss, expected[2].Loss, 3);
    }

    [Fact]
    public void A_missing_row_of_weights_is_an_error()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapterTests.Trained(model);
        using var bank = new AdapterBank([adapter]);

        var error = Assert.Throws<ArgumentException>(() => new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(TinyData.Shifted(3)), bank, [[1f]]));

        Assert.Contains("expected one for each of 3 samples", error.Message, StringComparison.Ordinal);
    }
}
