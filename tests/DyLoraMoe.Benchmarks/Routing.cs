using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// What experts cost in a forward pass of the bench model: eight dense ones against the reference of one pass each, one per prompt
/// against the bare backbone, and whether adding an untrained one changes anything. All in one process, the sides taking turns.
/// </summary>
internal static class Routing
{
    private const int Experts = 8;
    private const int Batch = 2;
    private const int Tokens = 256;
    private const int Features = 1344;

    public static int Run(Settings settings)
    {
        var rounds = settings.Number("rounds", 7);
        Console.WriteLine($"Llama, 768 wide, 12 layers, 12 heads, feed-forward 2,048, vocabulary 32,000, float32; {Batch} x {Tokens} tokens, {Experts} experts of rank 8 on all linear layers, mode Full, {settings.Threads} threads");
        using var __ = inference_mode();
        using var scope = NewDisposeScope();
        using var source = new RandomWeights(BenchModels.Bench, seed: 1);
        using var model = new CausalLanguageModel(BenchModels.Bench, source);
        model.eval();
        var experts = Enumerable.Range(1, Experts).Select(seed => BenchExperts.Trained(model, new LoraConfig { Rank = 8 }, seed)).ToList();
        using var bank = new AdapterBank(experts);
        using var random = new Generator(3, CPU);
        var ids = randint(0, BenchModels.Bench.VocabularySize, [Batch, Tokens], generator: random);
        var features = BenchExperts.Prompts(Features, [2, 5], seed: 4);
        using var dense = BenchExperts.Router(Features, Experts, maturity: 0);
        using var sparse = BenchExperts.Router(Features, Experts, maturity: 1);
        var reference = new ReferenceMixture(model, experts);
        Console.WriteLine($"The two prompts go to experts {string.Join(" and ", sparse.Weights(features).argmax(-1).data<long>().ToArray().Select(expert => expert + 1))}, with weights {string.Join(" and ", sparse.Weights(features).sum(-1).data<float>().ToArray())}");

        var sides = new Dictionary<string, Func<Tensor>>
        {
            ["bare backbone"] = () => model.call(ids),
            ["sparse, one expert a prompt"] = () => Pass(model, bank, ids, sparse.Weights(features)),
            [$"dense, {Experts} experts"] = () => Pass(model, bank, ids, dense.Weights(features)),
            [$"reference, {reference.Passes} passes"] = () => reference.Logits(ids, dense.Weights(features)),
        };
        var times = Measure(sides, rounds);
        Print(times, rounds);

        var difference = Growth(model, bank, dense, experts, ids, features);
        Console.WriteLine(FormattableString.Invariant($"adding an untrained expert changes a logit by at most {difference:0.0e0}"));
        var median = times.ToDictionary(pair => pair.Key, pair => Statistics.Median(pair.Value));
        var (bare, chosen, mixed, passes) = (median.Values.ElementAt(0), median.Values.ElementAt(1), median.Values.ElementAt(2), median.Values.ElementAt(3));
        Console.WriteLine(FormattableString.Invariant($"sparse against the bare backbone {chosen / bare:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"reference against dense {passes / mixed:0.00}"));
        return 0;
    }

    private static Tensor Pass(CausalLanguageModel model, AdapterBank bank, Tensor ids, Tensor weights)
    {
        using var batch = new AdapterBatch(bank, weights, ids.shape[1]);
        return model.Logits(ids, new ForwardOptions { Delta = batch });
    }

    private static Dictionary<string, List<double>> Measure(Dictionary<string, Func<Tensor>> sides, int rounds)
    {
        var times = sides.ToDictionary(side => side.Key, _ => new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (name, pass) in round % 2 == 0 ? sides : sides.Reverse())
            {
                using var scope = NewDisposeScope();
                var clock = Stopwatch.StartNew();
                pass();
                clock.Stop();
                if (round >= 0)
                {
                    times[name].Add(clock.Elapsed.TotalSeconds);
                }
            }
        }

        return times;
    }

    private static void Print(Dictionary<string, List<double>> times, int rounds)
    {
        Console.WriteLine($"{rounds} rounds, the sides taking turns; seconds per forward pass with logits:");
        Console.WriteLine();
        Console.WriteLine("| side | median | lowest | highest |");
        Console.WriteLine("|---|---:|---:|---:|");
        foreach (var (name, seconds) in times)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Statistics.Median(seconds):0.000} | {seconds.Min():0.000} | {seconds.Max():0.000} |"));
        }

        Console.WriteLine();
    }

    private static double Growth(CausalLanguageModel model, AdapterBank bank, DynamicHybridRouter router, List<LoraAdapter> experts, Tensor ids, Tensor features)
    {
        using var scope = NewDisposeScope();
        using var larger = router.WithExpert("new");
        using var wider = new AdapterBank([.. experts, LoraAdapter.Create(model, new LoraConfig { Rank = 8 }, seed: 99)]);
        var (before, after) = (Pass(model, bank, ids, router.Weights(features)), Pass(model, wider, ids, larger.Weights(features)));
        return (before - after).abs().max().item<float>();
    }
}
