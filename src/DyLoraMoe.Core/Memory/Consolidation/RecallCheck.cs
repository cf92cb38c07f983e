using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>Whether a model knows episodes by heart: it says the answer, or finds it so likely that it might as well.</summary>
/// <param name="model">The backbone.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="margin">Loss below which an answer counts as known, in nats per token.</param>
internal sealed class RecallCheck(CausalLanguageModel model, TextTokenizer tokenizer, double margin)
{
    private const int MostTokens = 256;

    private readonly TextGenerator _generator = new(model, tokenizer);
    private readonly LanguageModelEvaluator _evaluator = new(model);

    /// <summary>What is answered to each question, and whether that or its loss is good enough.</summary>
    /// <param name="questions">Questions with answers.</param>
    /// <param name="episodes">The episodes that they are of.</param>
    /// <param name="adapter">The expert.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public IReadOnlyList<Recalled> Of(IReadOnlyList<TokenizedSample> questions, IReadOnlyList<Episode> episodes, LoraAdapter adapter, CancellationToken cancellation)
    {
        var losses = Losses(questions, adapter);
        using var bank = new AdapterBank([adapter]);
        var answers = new string[questions.Count];
        foreach (var chunk in Enumerable.Range(0, questions.Count).Chunk(32))
        {
            cancellation.ThrowIfCancellationRequested();
            var longest = Math.Min(MostTokens, chunk.Max(at => questions[at].Ids.Length - questions[at].AnswerStart) + 8);
            var texts = _generator.Generate(
                [.. chunk.Select(at => (IReadOnlyList<int>)questions[at].Ids[..questions[at].AnswerStart])],
                new GenerationOptions { MaxTokens = longest },
                new GenerationAdapters(bank, [.. chunk.Select(_ => new float[] { 1 })]),
                cancellationToken: cancellation);
            foreach (var (at, text) in chunk.Zip(texts))
            {
                answers[at] = text.Text;
            }
        }

        return [.. episodes.Select((episode, at) => new Recalled(answers[at], losses[at], losses[at] < margin || episode.IsSaidBy(answers[at])))];
    }

    private IReadOnlyList<double> Losses(IReadOnlyList<TokenizedSample> samples, LoraAdapter adapter)
    {
        // Answers alone are judged, whatever was learnt from.
        var answers = samples.Select(sample => sample with { LossStart = sample.AnswerStart }).ToList();
        return [.. _evaluator.Evaluate(EvaluationSet.OfSamples(answers), adapter).Samples.Select(loss => loss.Nats / Math.Max(1, loss.Tokens))];
    }
}

/// <summary>What a model makes of a question.</summary>
/// <param name="Answer">Its likeliest answer.</param>
/// <param name="Loss">Loss of the right one, in nats per token.</param>
/// <param name="IsRight">Whether it knows the right one.</param>
internal readonly record struct Recalled(string Answer, double Loss, bool IsRight);
