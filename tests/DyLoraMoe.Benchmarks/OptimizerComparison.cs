using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// AdamW, SGD with momentum, APOLLO and APOLLO-Mini on one language model of 1.8 million parameters, characters of Shakespeare, equal tokens: each with a grid of
/// rates of its own on one seed, then its best rate on further seeds.
/// </summary>
internal static class OptimizerComparison
{
    private const double Momentum = 0.9;

    private static readonly double[] _grid = [0.1, 0.2, 0.5, 1, 2, 5, 10];

    private static readonly Arm[] _arms =
    [
        new("AdamW", 3e-3, null),
        new("SGD, momentum 0.9", 0.3, null) { IsSgd = true },
        new("APOLLO, rank d/4", 1e-2, new ApolloOptions()),
        new("APOLLO-Mini", 1e-2, ApolloOptions.Mini),
    ];

    public static int Run(Settings settings)
    {
        var work = Work.Of(settings);
        var seeds = settings.Number("seeds", 5);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Llama, 192 wide, 4 layers, {work.Vocabulary} characters; {work.Steps} steps of {work.Rows} x {work.Context} tokens, {settings.Threads} threads; held-out loss in nats per character"));
        Console.WriteLine();
        Console.WriteLine($"| optimizer | {string.Join(" | ", _grid.Select(factor => $"x {factor.ToString(CultureInfo.InvariantCulture)}"))} |");
        Console.WriteLine($"|---|{string.Concat(_grid.Select(_ => "---:|"))}");
        var (done, started, all) = (0, Stopwatch.GetTimestamp(), _arms.Length * (_grid.Length + seeds - 1));
        var rows = new List<string>();
        foreach (var arm in _arms)
        {
            var tried = _grid.Select(factor => Measured(arm, arm.Rate * factor, seed: 1)).ToList();
            Console.WriteLine($"| {arm.Name}, rate {arm.Rate.ToString(CultureInfo.InvariantCulture)} | {string.Join(" | ", tried.Select(each => Text(each.Loss)))} |");
            var at = Enumerable.Range(0, tried.Count).MinBy(index => double.IsNaN(tried[index].Loss) ? double.PositiveInfinity : tried[index].Loss);
            var rate = arm.Rate * _grid[at];
            List<Result> results = [tried[at], .. Enumerable.Range(2, seeds - 1).Select(seed => Measured(arm, rate, seed))];
            var interval = MeanInterval.Of([.. results.Select(each => each.Loss)]);
            rows.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"| {arm.Name} | {rate:0.#####} | {interval.Mean:0.000} ± {interval.HalfWidth:0.000} | {results[0].StateBytes / 1e6:0.00} MB | {Statistics.Median(results.Select(each => each.StepSeconds)) * 1e3:0.0} ms | {Statistics.Median(results.Select(each => each.UpdateSeconds)) * 1e3:0.0} ms |"));
        }

        Console.WriteLine();
        Console.WriteLine($"| optimizer | best rate | held-out loss, {seeds} seeds | what it remembers | step | of it the update |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        rows.ForEach(Console.WriteLine);
        return 0;

        Result Measured(Arm arm, double rate, int seed)
        {
            var result = Train(arm, rate, seed, work);
            var left = Stopwatch.GetElapsedTime(started) / ++done * (all - done);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {all}: {arm.Name}, rate {rate:0.#####}, seed {seed}: {result.Loss:0.000}; about {left:h\\:mm\\:ss} left"));
            return result;
        }
    }

    private static Result Train(Arm arm, double rate, int seed, Work work)
    {
        var options = TrainingOptions.Pretraining with { Rows = work.Rows, Context = work.Context, Seed = seed, Beta2 = 0.999, WeightDecay = 0, Apollo = arm.Apollo };
        using var weights = new RandomWeights(work.Config, seed);
        using var model = new CausalLanguageModel(work.Config, weights);
        using var step = TrainingStep.OfModel(model, options);
        var source = new StreamBatchSource(work.Train, new BatchOptions { Rows = work.Rows, RowLength = work.Context, Seed = (ulong)seed });
        var velocity = arm.IsSgd ? step.Parameters.Select(pair => zeros_like(pair.Parameter)).ToList() : [];
        var (steps, updates) = (new List<double>(), new List<double>());
        for (var taken = 0; taken < work.Steps; taken++)
        {
            var start = Stopwatch.GetTimestamp();
            var batch = source.Next();
            step.Accumulate(batch, batch.LossTokens);
            var update = Stopwatch.GetTimestamp();
            Update(step, velocity, rate * Schedule(taken, work.Steps), options);
            steps.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            updates.Add(Stopwatch.GetElapsedTime(update).TotalSeconds);
        }

        var loss = new LanguageModelEvaluator(model, new EvaluationOptions { WindowLength = work.Context }).Evaluate(EvaluationSet.OfStream(work.HeldOut)).Loss;
        var bytes = arm.IsSgd ? velocity.Sum(each => each.numel() * each.ElementSize) : step.OptimizerBytes;
        velocity.ForEach(each => each.Dispose());
        return new Result(loss, bytes, Statistics.Median(steps), Statistics.Median(updates));
    }

    private static void Update(TrainingStep step, List<Tensor> velocity, double rate, TrainingOptions options)
    {
        if (velocity.Count == 0)
        {
            step.Apply(rate);
            return;
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        nn.utils.clip_grad_norm_(step.Parameters.Select(pair => pair.Parameter), options.ClipNorm!.Value);
        foreach (var ((_, parameter), past) in step.Parameters.Zip(velocity))
        {
            past.mul_(Momentum).add_(parameter.grad!);
            parameter.add_(past, alpha: -rate);
            parameter.grad = null;
        }
    }

    // A tenth of warm-up, then a cosine to a tenth.
    private static double Schedule(int step, int steps)
    {
        var warm = Math.Max(1, steps / 10);
        return step < warm ? (step + 1.0) / warm : 0.1 + (0.45 * (1 + Math.Cos(Math.PI * (step - warm) / Math.Max(1, steps - warm))));
    }

    private static string Text(double loss) => double.IsNaN(loss) || loss > 99 ? "diverged" : loss.ToString("0.000", CultureInfo.InvariantCulture);

    private sealed record Arm(string Name, double Rate, ApolloOptions? Apollo)
    {
        public bool IsSgd { get; init; }
    }

    private sealed record Result(double Loss, long StateBytes, double StepSeconds, double UpdateSeconds);

    private sealed record Work(ModelConfig Config, int Vocabulary, int[] Train, int[] HeldOut, int Steps, int Rows, int Context)
    {
        public static Work Of(Settings settings)
        {
            var text = File.ReadAllText(SharedFiles.Shared("data/tinyshakespeare.txt"));
            var vocabulary = text.Distinct().Order().ToArray();
            var ids = text.Select(character => Array.BinarySearch(vocabulary, character)).ToArray();
            var (split, held) = (ids.Length * 9 / 10, settings.Number("held-out", 20_000));
            var config = BenchModels.Tiny with { HiddenSize = 192, IntermediateSize = 512, Layers = 4, Heads = 6, KeyValueHeads = 6, HeadSize = 32, VocabularySize = vocabulary.Length };
            return new Work(config, vocabulary.Length, ids[..split], ids[split..Math.Min(ids.Length, split + held)], settings.Number("steps", 200), settings.Number("rows", 8), settings.Number("context", 64));
        }
    }
}
