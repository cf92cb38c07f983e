using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>A model, with an adapter or without, that answers tests.</summary>
/// <param name="Model">The model.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Adapter">What is trained in its place; null for the model itself.</param>
internal sealed record Examinee(CausalLanguageModel Model, TextTokenizer Tokenizer, LoraAdapter? Adapter)
{
    private const int MostAnswerTokens = 20;

    /// <summary>Answers, one list a prompt.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="candidates">Answers to each.</param>
    /// <param name="options">Length and temperature.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <returns>Null for an answer that did not come to an end.</returns>
    public IReadOnlyList<IReadOnlyList<string?>> Answer(IReadOnlyList<string> prompts, int candidates, GenerationOptions options, CancellationToken cancellation)
    {
        if (prompts.Count == 0)
        {
            return [];
        }

        List<string> asked = [.. prompts.SelectMany(prompt => Enumerable.Repeat(prompt, candidates))];
        using var bank = Adapter is null ? null : new AdapterBank([Adapter]);
        float[] alone = [1];
        var texts = new TextGenerator(Model, Tokenizer).Generate(
            asked, options, bank is null ? null : new GenerationAdapters(bank, [.. asked.Select(_ => alone)]), cancellationToken: cancellation);
        cancellation.ThrowIfCancellationRequested();
        return [.. texts.Select(text => text.FinishReason == FinishReason.Stop ? text.Text : null).Chunk(candidates)];
    }

    /// <summary>Nats per target token.</summary>
    /// <param name="samples">The samples.</param>
    public double Nats(IReadOnlyList<TokenizedSample> samples) => new LanguageModelEvaluator(Model).Evaluate(EvaluationSet.OfSamples(samples), Adapter).Loss;

    /// <summary>Nats and exact answers.</summary>
    /// <param name="samples">The test.</param>
    /// <param name="tokens">The same as ids.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    public TestScore Score(IReadOnlyList<Sample> samples, IReadOnlyList<TokenizedSample> tokens, CancellationToken cancellation)
    {
        var answers = Answer([.. samples.Select(sample => sample.Prompt)], 1, new GenerationOptions { MaxTokens = MostAnswerTokens, Stop = ["\n"] }, cancellation);
        return new(Nats(tokens), samples.Zip(answers, (sample, given) => given[0] is { } text && SkillSamples.IsCorrect(sample, text) ? 1.0 : 0.0).Average());
    }

    /// <summary>Keys and values of every layer for contexts, after one another.</summary>
    /// <param name="contexts">The contexts as ids.</param>
    /// <returns>(values,), the caller's.</returns>
    public Tensor Encoded(IReadOnlyList<int[]> contexts)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var recorder = new Recorder();
        foreach (var ids in contexts)
        {
            // An Activated adapter does not act on what stands before its point; so the bare model reads contexts.
            Model.Encode(tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length], device: Model.Device), new ForwardOptions { Cache = recorder });
        }

        scope.Attach(recorder.Parts);
        return cat([.. recorder.Parts], 0).DetachFromDisposeScope();
    }

    private sealed class Recorder : IKeyValueCache
    {
        public List<Tensor> Parts { get; } = [];

        public long Length => 0;

        public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
        {
            Parts.Add(keys.reshape(-1).clone().DetachFromDisposeScope());
            Parts.Add(values.reshape(-1).clone().DetachFromDisposeScope());
            return (keys, values);
        }
    }
}
