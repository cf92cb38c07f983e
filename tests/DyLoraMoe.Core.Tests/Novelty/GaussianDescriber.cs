using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

/// <summary>
/// Stands in for a backbone: a prompt's first id names its wording and the next the kind that it is of, an answer's first id its rule, and each
/// has normally distributed descriptions around a mean of its own. All prompts share a large common part, as hidden states do.
/// </summary>
internal sealed class GaussianDescriber(double scale = 1, double common = 30, double apart = 1, string backbone = "sha256:one") : ISampleDescriber
{
    private const int Width = 80;
    private const int GradientWidth = 12;

    public string Backbone => backbone;

    public string Identity => "gaussian 1";

    public int Described { get; private set; }

    public static TokenizedSample[] Samples(int kind, int count, int seed, int? rule = null, int wording = 0) =>
        [.. Enumerable.Range(0, count).Select(index => new TokenizedSample([wording, About(kind, seed, index), .. Details(index), rule ?? kind], AnswerStart: 2, LossStart: 2, InvocationStart: 1))];

    // What is said of nothing else: frequencies alone predict none of it.
    private static IEnumerable<int> Details(int index) => Enumerable.Range((1 << 30) + (8 * index), 8);

    public static int[][] Anchors(int count = 200) =>
        [.. Enumerable.Range(0, count).Select(index => new[] { 0, About(1000 + (index % 20), 0, index) })];

    public Tensor Features(IReadOnlyList<int[]> prompts, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Described += prompts.Count;
        progress?.Report(prompts.Count);
        return Draw(prompts.Select(prompt => (prompt[1] >> KindAt, prompt)), Width, common).DetachFromDisposeScope();
    }

    public Tensor Gradients(IReadOnlyList<TokenizedSample> samples, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Described += samples.Count;
        progress?.Report(samples.Count);
        return Draw(samples.Select(sample => (sample.Ids[^1], sample.Ids)), GradientWidth, 0).DetachFromDisposeScope();
    }

    private const int KindAt = 20;

    private static int About(int kind, int seed, int index) => (kind << KindAt) | (seed << 10) | index;

    private Tensor Draw(IEnumerable<(int Kind, int[] Ids)> samples, int width, double offset)
    {
        var rows = samples.Select(sample =>
        {
            var mean = new SeededRandom((ulong)sample.Kind, (ulong)width);
            var words = sample.Ids[0] == 0 ? null : new SeededRandom((ulong)sample.Ids[0], 7, (ulong)width);
            var noise = new SeededRandom([(ulong)width, .. sample.Ids.Select(id => (ulong)id)]);
            return Enumerable.Range(0, width).Select(at => (float)(scale * ((offset * (1 + (at % 3))) + (apart * (mean.NextNormal() + (words?.NextNormal() ?? 0))) + (noise.NextNormal() * (1 + (at % 4)) * 0.5)))).ToArray();
        }).ToArray();
        return tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, width]);
    }
}
