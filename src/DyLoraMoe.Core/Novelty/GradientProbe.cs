using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The gradient of each sample's loss for a probe LoRA (A random, B = 0) on a few layers of the bare backbone, projected to a few
/// dimensions by a seeded random matrix. The loss is the mean over the sample's answer tokens, so long answers do not weigh more.
/// Two tasks with the same prompts and other rules push the backbone in other directions.
/// </summary>
/// <remarks>Shapes: N samples, B of a batch, T tokens, I and O layer widths, R rank, G projected.</remarks>
internal sealed class GradientProbe : IDisposable
{
    private const int TokensPerBatch = 1024;

    private readonly CausalLanguageModel _backbone;
    private readonly GradientOptions _options;
    private readonly CarriedLayer[] _layers;
    private readonly Dictionary<string, Tensor> _downs;
    private readonly Dictionary<string, Tensor> _projections;

    public GradientProbe(CausalLanguageModel backbone, GradientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        _backbone = backbone;
        _options = options ?? new GradientOptions();
        _options.Validate();
        _layers = LayersOf(backbone, _options);
        _downs = Matrices("probe", layer => (layer.Inputs, _options.Rank), (layer, matrix) => Padded(matrix.t(), backbone.Projections[layer.Layer].Inputs));
        _projections = Matrices("projection", layer => (layer.Outputs * _options.Rank, _options.Dimensions), (_, matrix) => matrix.alias());
        Identity = $"gradients 1; layers {string.Join(' ', _layers.Select(NameOf))}; rank {_options.Rank}; dimensions {_options.Dimensions}; seed {_options.Seed}";
    }

    /// <summary>Everything that decides what the numbers mean.</summary>
    public string Identity { get; }

    /// <summary>The projected gradients of samples, (N, G) float32 on the CPU; the caller owns them.</summary>
    public Tensor Of(IReadOnlyList<TokenizedSample> samples, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var result = zeros([samples.Count, _options.Dimensions]);
        var done = 0;
        foreach (var batch in Batches(samples))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var projected = zeros([batch.Samples.Length, _options.Dimensions], device: _backbone.Device);
            foreach (var ((layer, gradient), carried) in OfBatch(batch).Zip(_layers))
            {
                projected.add_(gradient.narrow(1, 0, carried.Outputs).flatten(1).matmul(_projections[layer]));   // (B, O, R) -> (B, G)
            }

            result.index_copy_(0, tensor(Array.ConvertAll(batch.Samples, index => (long)index)), projected.cpu());
            done += batch.Samples.Length;
            progress?.Report(done);
        }

        return result.DetachFromDisposeScope();
    }

    /// <summary>dL/dB of every sample and layer before the projection, (O, R) each, as a test compares them.</summary>
    internal Dictionary<string, Tensor>[] Unprojected(IReadOnlyList<TokenizedSample> samples)
    {
        var result = samples.Select(_ => new Dictionary<string, Tensor>(StringComparer.Ordinal)).ToArray();
        foreach (var batch in Batches(samples))
        {
            foreach (var (layer, gradient) in OfBatch(batch))
            {
                for (var row = 0; row < batch.Samples.Length; row++)
                {
                    result[batch.Samples[row]][layer] = gradient[row];
                }
            }
        }

        return result;
    }

    /// <summary>The probe's A of one layer, (R, I).</summary>
    internal Tensor Down(string layer) => _downs[layer];

    public void Dispose()
    {
        foreach (var matrix in _downs.Values.Concat(_projections.Values))
        {
            matrix.Dispose();
        }
    }

    private static IEnumerable<EvaluationBatch> Batches(IReadOnlyList<TokenizedSample> samples) =>
        EvaluationSet.OfSamples([.. samples.Select(sample => sample with { LossStart = Math.Max(1, sample.AnswerStart) })])
            .Batches(new EvaluationOptions { TokensPerBatch = TokensPerBatch });

    private List<(string Layer, Tensor Gradient)> OfBatch(EvaluationBatch batch)
    {
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        using var delta = new ProbeDelta(_downs);
        var tensors = BatchTensors.From(batch.Batch, _backbone.Device);
        var rows = tensors.Ids.shape[0];
        if (tensors.Targets.shape[0] == 0)
        {
            return [.. _layers.Select(layer => (layer.Layer, zeros([rows, _backbone.Projections[layer.Layer].Outputs, _options.Rank], device: _backbone.Device).MoveToOuterDisposeScope()))];
        }

        var hidden = _backbone.Encode(tensors.Ids, tensors.Packing with { Delta = delta }).flatten(0, 1);   // (B, T) -> (B·T, D)
        var targeted = tensors.At is { } at ? hidden.index_select(0, at) : hidden;                          // (N, D)
        var losses = nn.functional.cross_entropy(
            _backbone.Head(targeted).to_type(ScalarType.Float32), tensors.Targets, reduction: nn.Reduction.None);   // (N)
        var seen = _layers.Select(layer => delta.Seen[layer.Layer]).ToList();
        var gradients = autograd.grad([(losses * Weights(batch)).sum()], [.. seen.Select(pair => pair.Zero)]);
        return [.. _layers.Select((layer, index) =>
        {
            var output = gradients[index].to_type(ScalarType.Float32).view(rows, -1, gradients[index].shape[1]);   // (B, T, O)
            var low = seen[index].Low.view(rows, -1, _options.Rank);                                               // (B, T, R)
            return (layer.Layer, output.transpose(1, 2).matmul(low).MoveToOuterDisposeScope());                          // (B, O, R)
        })];
    }

    // One over the number of its row's targets, for every target in order.
    private Tensor Weights(EvaluationBatch batch)
    {
        var (targets, length) = (batch.Batch.Targets, batch.Batch.Length);
        var weights = new List<float>();
        for (var row = 0; row < batch.Batch.Rows; row++)
        {
            var count = targets.AsSpan(row * length, length).ToArray().Count(target => target != PackedBatch.IgnoredTarget);
            weights.AddRange(Enumerable.Repeat(1f / Math.Max(1, count), count));
        }

        return tensor(weights.ToArray(), device: _backbone.Device);
    }

    private Dictionary<string, Tensor> Matrices(string purpose, Func<CarriedLayer, (int Inputs, int Outputs)> shape, Func<CarriedLayer, Tensor, Tensor> finish)
    {
        using var scope = NewDisposeScope();
        return _layers.ToDictionary(layer => layer.Layer, layer =>
        {
            var (inputs, outputs) = shape(layer);
            var seed = new SeededRandom(_options.Seed, SeededRandom.Key(purpose), SeededRandom.Key(layer.Before)).NextUInt64();
            return finish(layer, RandomProjection.Matrix(inputs, outputs, seed)).to(_backbone.Device).DetachFromDisposeScope();
        }, StringComparer.Ordinal);
    }

    // Inputs that a layer did not have before are not looked at.
    private static Tensor Padded(Tensor down, long inputs) =>
        (down.shape[1] == inputs ? down : cat([down, zeros(down.shape[0], inputs - down.shape[1])], 1)).contiguous();

    private string NameOf(CarriedLayer layer) => layer == Whole(_backbone, layer.Layer) ? layer.Layer : $"{layer.Layer}={layer.Before}[{layer.Outputs},{layer.Inputs}]";

    private static CarriedLayer Whole(CausalLanguageModel backbone, string layer) =>
        new(layer, layer, (int)backbone.Projections[layer].Inputs, (int)backbone.Projections[layer].Outputs);

    private static CarriedLayer[] LayersOf(CausalLanguageModel backbone, GradientOptions options)
    {
        if (options.Carried.Count > 0)
        {
            var foreign = options.Carried.FirstOrDefault(layer =>
                !backbone.Projections.TryGetValue(layer.Layer, out var found) || layer.Inputs > found.Inputs || layer.Outputs > found.Outputs);
            return foreign is null
                ? [.. options.Carried]
                : throw new ModelFormatException($"'{foreign.Layer}' with at least {foreign.Inputs} inputs and {foreign.Outputs} outputs is not a linear layer of the model, so its gradient cannot be probed; the model is not the one that grew");
        }

        if (options.Layers.Count == 0)
        {
            var last = backbone.Config.Layers - 1;
            return [.. new[] { 0, last / 2, last }.Distinct().Select(layer => Whole(backbone, $"model.layers.{layer}.mlp.down_proj"))];
        }

        var unknown = options.Layers.FirstOrDefault(layer => !backbone.Projections.ContainsKey(layer));
        return unknown is null
            ? [.. options.Layers.Select(layer => Whole(backbone, layer))]
            : throw new ModelFormatException($"'{unknown}' is not a linear layer of the model, so its gradient cannot be probed; it has {string.Join(", ", backbone.Projections.Keys.Take(8))} ...");
    }
}
