using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>One adapter for the whole batch, with gradients: what training an expert uses.</summary>
/// <remarks>Shapes: N tokens of all rows, R rank, I and O layer widths.</remarks>
public sealed class AdapterDelta : IProjectionDelta
{
    private readonly LoraAdapter _adapter;
    private readonly Tensor? _active;
    private readonly bool _isTraining;

    /// <summary>Applies <paramref name="adapter"/>.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="active">True where it acts, (B, T) bool; everywhere when null.</param>
    /// <param name="isTraining">Whether the adapter's dropout is on.</param>
    public AdapterDelta(LoraAdapter adapter, Tensor? active = null, bool isTraining = false)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        _adapter = adapter;
        _active = active?.reshape(-1, 1);   // (B, T) -> (N, 1)
        _isTraining = isTraining;
    }

    /// <inheritdoc/>
    public Tensor AddTo(string path, Tensor input, Tensor output)
    {
        if (!_adapter.Layers.TryGetValue(path, out var layer))
        {
            return output;
        }

        using var scope = NewDisposeScope();
        var x = input.to_type(layer.A.dtype);
        if (_isTraining && _adapter.Config.Dropout > 0)
        {
            x = nn.functional.dropout(x, _adapter.Config.Dropout, training: true);
        }

        var low = nn.functional.linear(x, layer.A);   // (N, I) -> (N, R)
        if (_active is not null)
        {
            low = low * _active;
        }

        return LowRank.Add(output, low, layer.B, layer.Scale).MoveToOuterDisposeScope();
    }
}
