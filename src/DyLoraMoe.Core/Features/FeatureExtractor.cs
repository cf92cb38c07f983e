using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Features;

/// <summary>
/// Features of prompts: what the bare backbone makes of them. Adapters are never on, so features do not change while experts
/// learn, and the batch that a prompt travels in does not show.
/// </summary>
/// <remarks>Shapes: N prompts, B of a batch, T tokens, F features.</remarks>
public sealed class FeatureExtractor : IDisposable
{
    // Enough for an efficient pass, few enough to stay in memory beside the weights.
    private const int TokensPerBatch = 4096;

    private readonly CausalLanguageModel _backbone;
    private readonly Tensor? _projection;

    /// <summary>An extractor.</summary>
    /// <param name="backbone">The frozen model; stays the caller's.</param>
    /// <param name="options">Which states; the defaults when null.</param>
    public FeatureExtractor(CausalLanguageModel backbone, FeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        _backbone = backbone;
        Options = options ?? FeatureOptions.Default;
        Options.Validate();
        Width = Options.WidthFor(backbone.Config);
        _projection = FeaturePooler.ProjectionFor(backbone.Config, Options);
    }

    /// <summary>Which states describe a prompt.</summary>
    public FeatureOptions Options { get; }

    /// <summary>Width of the features, F.</summary>
    public int Width { get; }

    /// <summary>The prompt of a sample: what comes before the answer, or the first id where nothing does.</summary>
    /// <param name="sample">The sample.</param>
    public static int[] PromptOf(TokenizedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Ids[..Math.Max(1, sample.AnswerStart)];
    }

    /// <summary>The features of samples' prompts.</summary>
    /// <param name="samples">The samples; answers are not looked at.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>(N, F) float32 on the CPU, in the order of the samples; the caller owns it.</returns>
    public Tensor Of(IEnumerable<TokenizedSample> samples, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        Of([.. samples.Select(PromptOf)], progress, cancellation);

    /// <summary>The features of prompts.</summary>
    /// <param name="prompts">Token ids of every prompt; none may be empty.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>(N, F) float32 on the CPU, in the order of the prompts; the caller owns it.</returns>
    /// <exception cref="ArgumentException">A prompt is empty.</exception>
    public Tensor Of(IReadOnlyList<int[]> prompts, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        RefuseEmpty(prompts);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var features = zeros([prompts.Count, Width]);                                                   // (N, F)
        var order = Enumerable.Range(0, prompts.Count).OrderByDescending(index => prompts[index].Length).ToArray();
        for (var done = 0; done < order.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Math.Clamp(TokensPerBatch / prompts[order[done]].Length, 1, order.Length - done);
            using var batch = NewDisposeScope();
            var members = order.AsSpan(done, rows).ToArray();
            features.index_copy_(0, tensor(Array.ConvertAll(members, member => (long)member)), OfBatch(Array.ConvertAll(members, member => prompts[member])).cpu());
            done += rows;
            progress?.Report(done);
        }

        return features.DetachFromDisposeScope();
    }

    /// <summary>Frees the extractor's own memory; the backbone stays.</summary>
    public void Dispose() => _projection?.Dispose();

    // Padding follows the prompt, where causal attention keeps it out of sight; only the pooling has to leave it out.
    private Tensor OfBatch(int[][] prompts)
    {
        using var scope = NewDisposeScope();
        var (rows, longest) = (prompts.Length, prompts[0].Length);
        var ids = new long[rows * longest];
        var real = new bool[rows * longest];
        for (var row = 0; row < rows; row++)
        {
            for (var index = 0; index < prompts[row].Length; index++)
            {
                ids[(row * longest) + index] = prompts[row][index];
                real[(row * longest) + index] = true;
            }
        }

        using var pooler = new FeaturePooler(_backbone.Config, Options, _projection);
        pooler.Expect(Array.TrueForAll(real, token => token) ? null : tensor(real, [rows, longest], device: _backbone.Device));
        _backbone.Encode(tensor(ids, [rows, longest], device: _backbone.Device), new ForwardOptions { Observer = pooler });
        return pooler.Features().MoveToOuterDisposeScope();
    }

    private static void RefuseEmpty(IReadOnlyList<int[]> prompts)
    {
        for (var index = 0; index < prompts.Count; index++)
        {
            if (prompts[index].Length == 0)
            {
                throw new ArgumentException($"Prompt {index} is empty; start it with the beginning-of-sequence token.", nameof(prompts));
            }
        }
    }
}
