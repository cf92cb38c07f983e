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

    /// <summary>Loss of the answers, in nats per token.</summary>
    /// <param name="samples">Questions with answers.</param>
    /// <param name="adapter">The expert.</param>
    public IReadOnlyList<double> Losses(IReadOnlyList<TokenizedSample> samples, LoraAdapter adapter)
    {
        // Answers alone are judged, whatever was learnt from.
        var answers = samples.Select(sample => sample with { LossStart = sample.AnswerStart }).ToList();
        return [.. _evaluator.Evaluate(EvaluationSet.OfSamples(answers), adapter).Samples.Select(loss => loss.Nats / Math.Max(1, loss.Tokens))];
    }

    /// <summary>What is answered to each question, and whether that or its loss is good enough.</summary>
    /// <param name="lessons">The lessons.</param>
    /// <param name="adapter">The expert.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public IReadOnlyList<(string Answer, double Loss, bool IsRecalled)> Of(IReadOnlyList<EpisodeLesson> lessons, LoraAdapter adapter, CancellationToken cancellation)
    {
        var losses = Losses([.. lessons.Select(lesson => lesson.Alone)], adapter);
        using var bank = new AdapterBank([adapter]);
        var answers = new string[lessons.Count];
        foreach (var chunk in Enumerable.Range(0, lessons.Count).Chunk(32))
        {
            cancellation.ThrowIfCancellationRequested();
            var longest = Math.Min(MostTokens, chunk.Max(at => lessons[at].Alone.Ids.Length - lessons[at].Alone.AnswerStart) + 8);
            var texts = _generator.Generate(
                [.. chunk.Select(at => (IReadOnlyList<int>)lessons[at].Alone.Ids[..lessons[at].Alone.AnswerStart])],
                new GenerationOptions { MaxTokens = longest },
                new GenerationAdapters(bank, [.. chunk.Select(_ => new float[] { 1 })]),
                cancellationToken: cancellation);
            foreach (var (at, text) in chunk.Zip(texts))
            {
                answers[at] = text.Text;
            }
        }

        return [.. lessons.Select((lesson, at) => (answers[at], losses[at], losses[at] < margin || answers[at].Trim() == lesson.Sample.Answer.Trim()))];
    }
}
