using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>
/// Several adapters side by side, frozen, so that one pass can serve a batch in which every row uses its own adapter
/// or a weighted mixture: <c>Σ_e w_e s_e B_e A_e</c> is one product with all A stacked and all B side by side.
/// </summary>
/// <remarks>Shapes: E adapters, R sum of the ranks on one layer, I and O layer widths.</remarks>
public sealed class AdapterBank : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<AdapterStack?>> _stacks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Tensor>> _owners = new(StringComparer.Ordinal);

    /// <summary>Puts adapters side by side. They stay the caller's and must outlive the bank.</summary>
    /// <param name="adapters">The adapters, on one device; their order is the order of the weights in an <see cref="AdapterBatch"/>.</param>
    public AdapterBank(IReadOnlyList<LoraAdapter> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        if (adapters.Count == 0)
        {
            throw new ArgumentException("A bank needs at least one adapter; use the bare backbone otherwise.", nameof(adapters));
        }

        Adapters = adapters;
    }

    /// <summary>The adapters, in the order of the weights.</summary>
    public IReadOnlyList<LoraAdapter> Adapters { get; }

    /// <summary>The stacked factors of one layer, made once; null where no adapter acts.</summary>
    internal AdapterStack? StackOf(string path) =>
        _stacks.GetOrAdd(path, layer => new Lazy<AdapterStack?>(() => Build(layer))).Value;

    /// <summary>Frees the stacked copies; the adapters themselves are left alone.</summary>
    public void Dispose()
    {
        foreach (var stack in _stacks.Values)
        {
            stack.Value?.Dispose();
        }

        foreach (var owner in _owners.Values)
        {
            owner.Value.Dispose();
        }

        _stacks.Clear();
        _owners.Clear();
    }

    private AdapterStack? Build(string path)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode(false);
        using var __ = no_grad();
        var parts = Adapters
            .Select((adapter, index) => (Layer: adapter.Layers.GetValueOrDefault(path), Index: index))
            .Where(part => part.Layer is not null)
            .Select(part => (Layer: part.Layer!, part.Index))
            .ToList();
        if (parts.Count == 0)
        {
            return null;
        }

        return new AdapterStack(
            cat([.. parts.Select(part => part.Layer.A.detach())], 0).DetachFromDisposeScope(),
            cat([.. parts.Select(part => part.Layer.B.detach().t() * part.Layer.Scale)], 0).contiguous().DetachFromDisposeScope(),
            OwnerOf([.. parts.SelectMany(part => Enumerable.Repeat((long)part.Index, part.Layer.Rank))], parts[0].Layer.A.device));
    }

    // Most layers are adapted alike: they share one, so that what follows from it is computed once for all of them.
    private Tensor OwnerOf(long[] ranks, Device device) =>
        _owners.GetOrAdd(string.Join(' ', ranks), _ => new Lazy<Tensor>(() => tensor(ranks, device: device).DetachFromDisposeScope())).Value;
}

/// <summary>All adapters' factors on one layer.</summary>
/// <param name="A">All down-projections, one above the other, (R, I).</param>
/// <param name="Up">All up-projections with their scales, transposed, one above the other, (R, O).</param>
/// <param name="Owner">Which adapter each rank belongs to, (R) int64; the bank's, and the same for layers that are adapted alike.</param>
internal sealed record AdapterStack(Tensor A, Tensor Up, Tensor Owner) : IDisposable
{
    public void Dispose()
    {
        A.Dispose();
        Up.Dispose();
    }
}
