using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class LanguageModelEvaluatorTests
{
    [Theory]
    [InlineData(ModelFamily.Llama, 1)]
    [InlineData(ModelFamily.Mistral, 64)]
    [InlineData(ModelFamily.Gemma, 100_000)]
    public void Every_sample_scores_what_it_scores_alone(ModelFamily family, int tokensPerBatch)
    {
        using var model = TinyModels.Create(family);
        var samples = TinyData.Shifted(13);

        var report = new LanguageModelEvaluator(model, new EvaluationOptions { TokensPerBatch = tokensPerBatch, AllTokens = true }).Evaluate(EvaluationSet.OfSamples(samples));

        foreach (var (sample, loss) in samples.Zip(report.Samples))
        {
            var expected = TokenLosses(model, sample.Ids);
            Assert.Equal((sample.LossTokens, sample.Positions), (loss.Tokens, loss.AllTokens));
            Assert.Equal(expected.Sum(), loss.AllNats, 1e-3);
            Assert.Equal(expected[(sample.AnswerStart - 1)..].Sum(), loss.Nats, 1e-3);
        }

        Assert.Equal(report.Samples.Sum(sample => sample.Nats) / samples.Sum(sample => sample.LossTokens), report.Loss, 1e-12);
        Assert.Equal(Math.Exp(report.Loss), report.Perplexity);
    }

    [Fact]
    public void Scoring_prompts_too_leaves_the_answers_loss_as_it_is()
    {
        using var model = TinyModels.Create();
        var set = EvaluationSet.OfSamples(TinyData.Shifted(13));

        var answers = new LanguageModelEvaluator(model).Evaluate(set);
        var all = new LanguageModelEvaluator(model, new EvaluationOptions { AllTokens = true }).Evaluate(set);

        Assert.Equal(answers.Loss, all.Loss, 1e-5);
        Assert.Equal(answers.Tokens, all.Tokens);
        Assert.Equal((answers.Tokens, answers.Loss), (answers.AllTokens, answers.AllLoss));
        Assert.True(all.AllTokens > answers.Tokens);
    }

    [Fact]
    public void A_stream_is_scored_in_windows_every_token_but_the_first_once()
    {
        using var model = TinyModels.Create();
        var stream = TinyData.Stream(50);

        var report = new LanguageModelEvaluator(model, new EvaluationOptions { WindowLength = 16, TokensPerBatch = 32 }).Evaluate(EvaluationSet.OfStream(stream));

        Assert.Equal(49, report.Tokens);
        Assert.Equal(4, report.Samples.Count);
        Assert.Equal(TokenLosses(model, stream[16..33]).Sum(), report.Samples[1].Nats, 1e-3);
    }

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void An_adapter_acts_where_its_mode_says(AdapterMode mode)
    {
        using var model = TinyModels.Create();
        using var adapter = TrainingStepTests.Warm(LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1));
        var samples = TinyData.Shifted(6);

        var report = new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(samples), adapter);

        foreach (var (sample, loss) in samples.Zip(report.Samples))
        {
            var active = mode == AdapterMode.Full ? null : InvocationPoint.Mask([sample.AnswerStart - 1], sample.Positions, TestDevice.Current);
            Assert.Equal(TokenLosses(model, sample.Ids, new AdapterDelta(adapter, active))[(sample.AnswerStart - 1)..].Sum(), loss.Nats, 1e-3);
        }
    }

    [Fact]
    public void Logits_too_large_for_one_pass_are_cut()
    {
        // 300,000 ids: one pass through the head takes 55 positions.
        var config = TinyModels.Config() with { VocabularySize = 300_000, HiddenSize = 8, IntermediateSize = 8, Layers = 1 };
        using var weights = new RandomWeights(config, seed: 1, device: TestDevice.Current);
        using var model = new CausalLanguageModel(config, weights);
        var stream = TinyData.Stream(81);

        var report = new LanguageModelEvaluator(model, new EvaluationOptions { WindowLength = 80 }).Evaluate(EvaluationSet.OfStream(stream));

        Assert.Equal(TokenLosses(model, stream).Sum(), report.Samples[0].Nats, 1e-3);
    }

    [Fact]
    public void Nothing_to_score_is_no_error()
    {
        using var model = TinyModels.Create();

        var report = new LanguageModelEvaluator(model).Evaluate(EvaluationSet.Empty);

        Assert.Equal(0, report.Tokens);
        Assert.True(double.IsNaN(report.Loss));
    }

    private static float[] TokenLosses(CausalLanguageModel model, int[] ids, IProjectionDelta? delta = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var logits = model.Logits(tensor(ids[..^1], [1, ids.Length - 1], dtype: ScalarType.Int64, device: TestDevice.Current), new ForwardOptions { Delta = delta })[0];
        return [.. nn.functional.cross_entropy(logits, tensor(ids[1..], dtype: ScalarType.Int64, device: TestDevice.Current), reduction: nn.Reduction.None).data<float>()];
    }
}
