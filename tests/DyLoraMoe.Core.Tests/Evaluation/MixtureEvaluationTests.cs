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
    public void Adapters_of_one_bank_begin_each_at_its_own_invocation_and_one_without_it_is_silent()
    {
        using var model = TinyModels.Create();
        var samples = TinyData.Shifted(6);
        using var called = LoraAdapterTests.Trained(model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [samples[0].Ids[1]] }, seed: 1);
        using var other = LoraAdapterTests.Trained(model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [model.Config.VocabularySize - 1] }, seed: 2);
        using var plain = LoraAdapterTests.Trained(model, new LoraConfig { Mode = AdapterMode.Activated }, seed: 3);
        using var bank = new AdapterBank([called, other, plain]);
        var evaluator = new LanguageModelEvaluator(model, new EvaluationOptions { TokensPerBatch = 64 });
        var set = EvaluationSet.OfSamples(samples);

        for (var at = 0; at < 3; at++)
        {
            var alone = evaluator.Evaluate(EvaluationSet.OfSamples(new Invocation(bank.Adapters[at].Config).Of(samples)), bank.Adapters[at]);
            var weights = Enumerable.Range(0, 3).Select(adapter => adapter == at ? 1f : 0f).ToArray();
            var mixed = evaluator.Evaluate(set, bank, [.. samples.Select(_ => weights)]);

            Assert.All(alone.Samples.Zip(mixed.Samples), pair => Assert.Equal(pair.First.Nats, pair.Second.Nats, 1e-3));
        }

        Assert.Equal(evaluator.Evaluate(set).Loss, evaluator.Evaluate(set, bank, [.. samples.Select(_ => new[] { 0f, 1f, 0f })]).Loss, 1e-5);
        Assert.NotEqual(evaluator.Evaluate(set).Loss, evaluator.Evaluate(set, bank, [.. samples.Select(_ => new[] { 1f, 0f, 0f })]).Loss, 3);
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
