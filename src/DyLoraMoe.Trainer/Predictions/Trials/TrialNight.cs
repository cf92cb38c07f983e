using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Trainer.Predictions.World;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>The night of a run: dreams of what arrived, by the model as it is, and how good they were.</summary>
/// <param name="examinee">Who dreams.</param>
/// <param name="world">What is held out.</param>
/// <param name="tokenizer">Makes ids.</param>
/// <param name="size">How many dreams.</param>
internal sealed class TrialNight(Examinee examinee, LetterWorld world, SampleTokenizer tokenizer, TrialSize size)
{
    private const int Memories = 128;
    private const double Temperature = 0.8;
    private const int MaxTokens = 20;

    /// <summary>Dreams.</summary>
    /// <param name="source">How.</param>
    /// <param name="arrived">What has arrived.</param>
    /// <param name="seed">Seed of it all.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>What is learnt from, and how good it is.</returns>
    public (IReadOnlyList<Sample> Samples, NightScore Score) Dream(DreamSource source, IReadOnlyList<Sample> arrived, long seed, CancellationToken cancellation)
    {
        if (source == DreamSource.Oracle)
        {
            return (world.Oracle(size.Dreams / 2), new NightScore(size.Dreams / 2, size.Dreams / 2, 1, 1, 1, double.NaN));
        }

        var (isFiltered, isEven) = (source != DreamSource.Unfiltered, source == DreamSource.FilteredWithoutGraph);
        var options = new DreamOptions
        {
            Count = size.Dreams,
            Seed = seed,
            Temperature = Temperature,
            MaxTokens = MaxTokens,
            Candidates = isFiltered ? 4 : 1,
            LeastAgreement = isFiltered ? 0.5 : 0,
            MostAgreement = 1,
            MostMemories = Memories,
            Triples = 0,
            Restart = isEven ? 1 : new DreamOptions().Restart,
        };
        IDreamCritic[] critics = isFiltered ? [new RuleCritic("length and letters", (prompt, answer) => LetterWorld.TaskOf(prompt)?.IsPlausible(answer))] : [];
        var remembered = arrived.DistinctBy(sample => sample.Prompt).Take(Memories).ToList();
        var report = new Night(Answers(options), critics, options).Dream(
            Graph(remembered, isEven),
            arrived.Select(sample => sample.Prompt),
            world.Usual.Concat(world.NovelFrames).Concat(world.UntaughtPairs).Select(sample => sample.Prompt),
            cancellation: cancellation);
        return ([.. report.Dreams.Where(dream => dream.IsKept).Select(dream => Sample.Pair(dream.Prompt!, " " + dream.Answer!.Trim()))], Judge(report));
    }

    private DreamAnswers Answers(DreamOptions options) => (questions, candidates, seed, cancellation) =>
        [.. examinee.Answer([.. questions.Select(question => question.Prompt)], candidates, new GenerationOptions { MaxTokens = options.MaxTokens, Temperature = options.Temperature, Seed = seed, Stop = ["\n"] }, cancellation)
            .Select(answers => (IReadOnlyList<DreamCandidate>)[.. answers.Select(answer => new DreamCandidate(answer?.Trim()))])];

    // Without the graph walks begin anew at every step, anywhere.
    private MemoryGraph Graph(IReadOnlyList<Sample> remembered, bool isEven)
    {
        var tokens = tokenizer.TokenizeAll(remembered);
        var losses = new LanguageModelEvaluator(examinee.Model).Evaluate(EvaluationSet.OfSamples(tokens), examinee.Adapter).Samples;
        var nodes = remembered.Zip(losses, (sample, loss) => new MemoryNode(LetterWorld.FrameOf(sample.Prompt), sample, 1, 1, isEven ? 1 : loss.Loss)).ToList();
        return isEven ? new MemoryGraph(nodes, [.. nodes.Select(_ => new float[1])]) : new MemoryGraph(nodes, Embeddings(tokens));
    }

    private IReadOnlyList<float[]> Embeddings(IReadOnlyList<TokenizedSample> tokens)
    {
        using var extractor = new FeatureExtractor(examinee.Model);
        using var features = extractor.Of(tokens);
        using var host = features.to(ScalarType.Float32).cpu();
        return [.. host.data<float>().ToArray().Chunk((int)host.shape[1])];
    }

    private NightScore Judge(DreamReport report)
    {
        var asked = report.Dreams.Where(dream => dream.Answer is not null && LetterWorld.TaskOf(dream.Prompt!) is not null)
            .Select(dream => (dream.IsKept, Task: LetterWorld.TaskOf(dream.Prompt!)!, dream.Answer))
            .Select(dream => (dream.IsKept, dream.Task, IsRight: dream.Task.Answer == dream.Answer!.Trim()))
            .ToList();
        var untaught = world.Untaught.Select(pair => string.Join(' ', pair.Select(operation => operation.Name))).ToHashSet(StringComparer.Ordinal);
        var right = asked.Count(dream => dream.IsRight);
        var hits = asked.Count(dream => dream.IsRight && dream.IsKept);
        return new(
            report.Dreams.Count,
            report.Kept,
            report.Kept == 0 ? double.NaN : (double)hits / report.Kept,
            right == 0 ? double.NaN : (double)hits / right,
            report.Kept == 0 ? double.NaN : (double)asked.Count(dream => dream.IsKept && untaught.Contains(dream.Task.Behaviour)) / report.Kept,
            report.Distinct2 ?? double.NaN);
    }
}
