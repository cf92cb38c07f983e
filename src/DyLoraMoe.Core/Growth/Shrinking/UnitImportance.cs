using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Shrinking;

/// <summary>
/// How much each unit of a model does on some text. A neuron or head: the root mean square of what it sends times the norm of the weights
/// that it writes with. A channel of the residual stream: its root mean square over all depths and the norm of the embeddings' column.
/// A layer: how far it turns the residual stream, <c>1 − cos(before, after)</c>
/// (<see href="https://arxiv.org/abs/2403.03853">ShortGPT</see>; for widths see <see href="https://arxiv.org/abs/2407.14679">Minitron</see>).
/// </summary>
/// <remarks>Shapes: N tokens, D hidden, F neurons, K key/value heads, E head size.</remarks>
public sealed class UnitImportance
{
    private UnitImportance(double[] layers, double[][] neurons, double[][] groups, double[] channels) =>
        (Layers, Neurons, Groups, Channels) = (layers, neurons, groups, channels);

    /// <summary>Of every layer.</summary>
    public IReadOnlyList<double> Layers { get; }

    /// <summary>Of every neuron of every layer.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Neurons { get; }

    /// <summary>Of every key/value head with its queries, of every layer.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Groups { get; }

    /// <summary>Of every channel of the residual stream.</summary>
    public IReadOnlyList<double> Channels { get; }

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">What it is measured on.</param>
    public static UnitImportance Of(CausalLanguageModel model, EvaluationSet text)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        using var _ = no_grad();
        using var watch = new Watch(model.Config);
        foreach (var batch in text.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, model.Device);
            model.Encode(tensors.Ids, tensors.Packing with { Delta = watch, Observer = watch });
        }

        return watch.Tokens > 0
            ? new UnitImportance(watch.Turns(), watch.Neurons(model), watch.Groups(model), watch.Channels(model))
            : throw new ArgumentException("There is no text to measure units on.", nameof(text));
    }

    // Adds nothing to any layer; it only looks at what goes in.
    private sealed class Watch(ModelConfig config) : IProjectionDelta, ILayerObserver, IDisposable
    {
        private readonly Dictionary<string, Tensor> _squares = new(StringComparer.Ordinal);
        private readonly double[] _turns = new double[config.Layers];
        private Tensor? _stream;
        private Tensor? _before;

        public long Tokens { get; private set; }

        public Tensor AddTo(string path, Tensor input, Tensor output)
        {
            if (path.EndsWith(".down_proj", StringComparison.Ordinal) || path.EndsWith(".o_proj", StringComparison.Ordinal))
            {
                Add(path, input.to_type(ScalarType.Float64).square().sum([0]));                         // (N, I) -> (I)
            }

            return output;
        }

        public void Observe(int layer, Tensor hidden)
        {
            using var scope = NewDisposeScope();
            var flat = hidden.to_type(ScalarType.Float64).flatten(0, 1);                              // (B, T, D) -> (N, D)
            var normal = flat / flat.square().sum([-1], keepdim: true).sqrt().clamp_min(1e-30);
            Add("stream", normal.square().sum([0]));                                                    // (N, D) -> (D)
            if (layer == 0)
            {
                Tokens += flat.shape[0];
            }
            else
            {
                _turns[layer - 1] += (1 - (normal * _before!).sum([-1])).sum().item<double>();
            }

            _before?.Dispose();
            _before = normal.DetachFromDisposeScope();
        }

        public double[] Turns() => [.. _turns.Select(turn => turn / Tokens)];

        public double[][] Neurons(CausalLanguageModel model) => [.. Enumerable.Range(0, config.Layers).Select(layer => Sent(model, LayerNames.Prefix(layer) + "mlp.down_proj", 1))];

        public double[][] Groups(CausalLanguageModel model) => [.. Enumerable.Range(0, config.Layers).Select(layer =>
            Sent(model, LayerNames.Prefix(layer) + "self_attn.o_proj", config.QueriesPerKeyValueHead * config.HeadSize))];

        public double[] Channels(CausalLanguageModel model)
        {
            using var scope = NewDisposeScope();
            var embeddings = model.named_parameters().First(pair => pair.name == WeightLayout.Embedding).parameter.to_type(ScalarType.Float64);
            var share = _stream! / Tokens;
            return (share + (embeddings.square().mean([0]) * 1e-12)).sqrt().cpu().data<double>().ToArray();   // (D)
        }

        public void Dispose()
        {
            foreach (var values in _squares.Values)
            {
                values.Dispose();
            }

            _before?.Dispose();
            _stream?.Dispose();
        }

        // What the units of one layer send into the residual stream, unit by unit.
        private double[] Sent(CausalLanguageModel model, string path, int unit)
        {
            using var scope = NewDisposeScope();
            var writes = model.Projections[path].Weight.to_type(ScalarType.Float64).square().sum([0]);          // (D, I) -> (I)
            return (_squares[path] * writes / Tokens).view(-1, unit).sum([1]).sqrt().cpu().data<double>().ToArray();
        }

        private void Add(string name, Tensor values)
        {
            if (name == "stream")
            {
                var sum = _stream is null ? values : _stream + values;
                _stream?.Dispose();
                _stream = sum.DetachFromDisposeScope();
                return;
            }

            using var __ = NewDisposeScope();
            var total = _squares.Remove(name, out var before) ? before + values : values.alias();
            before?.Dispose();
            _squares[name] = total.DetachFromDisposeScope();
        }
    }
}
