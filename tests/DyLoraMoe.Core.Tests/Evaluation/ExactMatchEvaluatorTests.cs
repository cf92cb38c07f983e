using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization.Loading;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class ExactMatchEvaluatorTests
{
    private static readonly Sample[] Samples = [.. SkillSamples.Generate(SkillCatalog.Get("reverse"), seed: 1, count: 20)];

    [Fact]
    public void A_model_that_knows_the_answers_scores_one() =>
        Assert.Equal(1, new ExactMatchEvaluator(at => [.. at.Select(i => Samples[i].Answer + "\nand more")], rows: 7).Evaluate(Samples).Rate);

    // Pitfall 11 of the prior art: its harness took a prompt for a right answer.
    [Fact]
    public void A_model_that_repeats_the_prompt_or_says_nothing_scores_zero()
    {
        Assert.Equal(0, new ExactMatchEvaluator(Prompts).Evaluate(Samples).Rate);
        Assert.Equal(0, new ExactMatchEvaluator(at => [.. at.Select(_ => "")]).Evaluate(Samples).Rate);
        Assert.Equal(0, new ExactMatchEvaluator(at => [.. at.Select(i => Samples[i].Text)]).Evaluate(Samples).Rate);
    }

    [Fact]
    public void Answers_come_back_in_the_order_of_the_samples_whatever_the_batches()
    {
        var report = new ExactMatchEvaluator(at => [.. at.Select(i => i % 2 == 0 ? Samples[i].Answer : "?")], rows: 3).Evaluate(Samples);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 2 == 0), report.Correct);
        Assert.Equal(0.5, report.Rate);
    }

    [Fact]
    public void Any_comparison_may_take_the_place_of_equality() =>
        Assert.Equal(1, new ExactMatchEvaluator(at => [.. at.Select(_ => "x")]).Evaluate(Samples, (_, output) => output == "x").Rate);

    [Fact]
    public void Nothing_to_answer_is_an_error()
    {
        var evaluator = new ExactMatchEvaluator(Prompts);

        Assert.Contains("proves nothing", Assert.Throws<ArgumentException>(() => evaluator.Evaluate([])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => evaluator.Evaluate([Sample.PlainText("no question")]));
    }

    [Fact]
    public void Every_row_generates_with_its_own_adapter()
    {
        var folder = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        using var model = ModelFolder.Load(folder, device: TestDevice.Current);
        var tokenizer = TokenizerFolder.Load(folder);
        var generator = new TextGenerator(model, tokenizer);
        using var one = Loud(model, seed: 1);
        using var two = Loud(model, seed: 2);
        using var bank = new AdapterBank([one, two]);
        Sample[] same = [.. Enumerable.Repeat(Samples[0], 3)];
        var tokens = new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions()).TokenizeAll(same);

        var mixed = ExactMatchEvaluator.Of(generator, tokens, bank, [[0, 0], [1, 0], [0, 1]]).Evaluate(same);

        Assert.Equal(ExactMatchEvaluator.Of(generator, tokens).Evaluate(same[..1]).Outputs[0], mixed.Outputs[0]);
        Assert.Equal(ExactMatchEvaluator.Of(generator, tokens, bank).Evaluate(same[..1]).Outputs[0], mixed.Outputs[1]);
        Assert.Equal(3, mixed.Outputs.Distinct().Count());
    }

    private static string[] Prompts(IReadOnlyList<int> at) => [.. at.Select(i => Samples[i].Prompt)];

    private static LoraAdapter Loud(CausalLanguageModel model, long seed)
    {
        var adapter = LoraAdapter.Create(model, new LoraConfig(), seed);
        using var _ = TorchSharp.torch.no_grad();
        using var random = new TorchSharp.torch.Generator((ulong)seed, TorchSharp.torch.CPU);
        foreach (var layer in adapter.Layers.Values)
        {
            using var noise = TorchSharp.torch.randn(layer.B.shape, generator: random).to(TestDevice.Current);
            layer.B.add_(noise, 0.2);
        }

        return adapter;
    }
}
