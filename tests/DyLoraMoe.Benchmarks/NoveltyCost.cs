using System.Diagnostics;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>What it costs to say how novel a prompt looks, beside the prefill that the prompt needs anyway.</summary>
internal static class NoveltyCost
{
    public static int Run(Settings settings)
    {
        var (tokens, rounds, skills) = (settings.Number("tokens", 256), settings.Number("rounds", 15), settings.Number("skills", 50));
        using var source = new RandomWeights(BenchModels.Bench, seed: 1);
        using var model = new CausalLanguageModel(BenchModels.Bench, source);
        using var folder = new TemporaryFolder();
        using var describer = new RandomDescriber(FeatureOptions.Default.WidthFor(BenchModels.Bench));
        using var library = SkillLibrary.Create(folder.Path, describer, Prompts(64));
        for (var skill = 0; skill < skills; skill++)
        {
            var samples = Prompts(64).Select(ids => new TokenizedSample(ids, 1, 1, 0)).ToList();
            library.Add($"skill-{skill}", $"sha256:{skill:x8}", samples, samples, describer);
        }

        using var map = NoveltyMap.Of(library);
        using var novelty = new PromptNovelty(map);
        using var _ = inference_mode();
        using var ids = randint(0, BenchModels.Bench.VocabularySize, [1, tokens]);
        using var states = randn(1, tokens, BenchModels.Bench.HiddenSize);
        int[] layers = [0, BenchModels.Bench.Layers / 2, BenchModels.Bench.Layers];
        using var pooler = new FeaturePooler(BenchModels.Bench);
        var (prefill, judged) = (new List<double>(), new List<double>());
        for (var round = -2; round < rounds; round++)
        {
            var (pass, extra) = (Time(() => model.Encode(ids, ForwardOptions.Plain).Dispose()), Time(() => Judge(pooler, layers, states, novelty)));
            if (round >= 0)
            {
                prefill.Add(pass);
                judged.Add(extra);
            }
        }

        var (whole, part) = (Statistics.Median(prefill), Statistics.Median(judged));
        Console.WriteLine(FormattableString.Invariant($"Llama of 135M parameters, prompt of {tokens} tokens, {skills} skills, {settings.Threads} threads, median of {rounds} rounds"));
        Console.WriteLine(FormattableString.Invariant($"prefill {1000 * whole:0.00} ms; pooling and novelty {1000 * part:0.000} ms; share {100 * part / whole:0.00} %"));
        return 0;
    }

    private static void Judge(FeaturePooler pooler, int[] layers, Tensor states, PromptNovelty novelty)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers)
        {
            pooler.Observe(layer, states);
        }

        novelty.Of(pooler.Features());
    }

    private static double Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    private static int[][] Prompts(int count) => [.. Enumerable.Range(0, count).Select(index => new[] { index, index })];

    private sealed class RandomDescriber(int width) : ISampleDescriber, IDisposable
    {
        private readonly Generator _random = new(1, CPU);

        public string Backbone => "sha256:random";

        public string Identity => "random";

        public Tensor Features(IReadOnlyList<int[]> prompts, IProgress<int>? progress, CancellationToken cancellation) => randn([prompts.Count, width], generator: _random);

        public Tensor Gradients(IReadOnlyList<TokenizedSample> samples, IProgress<int>? progress, CancellationToken cancellation) => randn([samples.Count, 48], generator: _random);

        public void Dispose() => _random.Dispose();
    }
}
