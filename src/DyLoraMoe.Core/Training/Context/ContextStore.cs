using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Keys and values of contexts as the bare backbone reads them, kept over epochs and for every expert of mode <c>Activated</c>, all of which see their contexts
/// through it. What was used longest ago makes room. Nothing can be put in from outside; it answers only while the backbone is frozen, and a training
/// that begins on other weights than those before empties it. For one thread at a time.
/// </summary>
public sealed class ContextStore : IDisposable
{
    private readonly CausalLanguageModel _backbone;
    private readonly Dictionary<string, LinkedListNode<(string Key, EncodedContext Context)>> _contexts = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, EncodedContext Context)> _latestFirst = [];
    private string _weights;

    /// <summary>An empty store.</summary>
    /// <param name="backbone">The frozen model; stays the caller's.</param>
    /// <param name="capacity">Bytes to keep at most; a gibibyte by default.</param>
    public ContextStore(CausalLanguageModel backbone, long capacity = 1L << 30)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        (_backbone, Capacity, _weights) = (backbone, capacity, RunIdentity.Content(backbone));
    }

    /// <summary>Bytes to keep at most.</summary>
    public long Capacity { get; }

    /// <summary>Bytes that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>How often a context was there already.</summary>
    public long Hits { get; private set; }

    /// <summary>How often a context had to be read.</summary>
    public long Misses { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Begins a training: what other weights have read is forgotten.</summary>
    /// <param name="backbone">The model that is about to be trained on.</param>
    /// <exception cref="ArgumentException">It is not this store's.</exception>
    internal void Begin(CausalLanguageModel backbone)
    {
        if (!ReferenceEquals(backbone, _backbone))
        {
            throw new ArgumentException("The store holds contexts of another backbone than the one that is trained on. Make a store for this one.", nameof(backbone));
        }

        var weights = RunIdentity.Content(backbone);
        if (weights != _weights)
        {
            Clear();
            _weights = weights;
        }
    }

    /// <summary>A context, read when it is not there.</summary>
    /// <param name="ids">Its tokens; at least one.</param>
    /// <returns>The caller's.</returns>
    /// <exception cref="InvalidOperationException">The backbone is not frozen.</exception>
    internal EncodedContext Of(long[] ids)
    {
        if (_backbone.parameters().Any(parameter => parameter.requires_grad))
        {
            throw new InvalidOperationException("The backbone is trained at the same time, so that contexts read before would be out of date. Freeze it, or train without a store of contexts.");
        }

        var key = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(ids.AsSpan())));
        if (_contexts.TryGetValue(key, out var known))
        {
            Hits++;
            _latestFirst.Remove(known);
            _latestFirst.AddFirst(known);
            return known.Value.Context.Shared();
        }

        Misses++;
        var context = ContextEncoder.Encode(_backbone, ids, delta: null);
        return context.Bytes > Capacity ? context : Kept(key, context);
    }

    private EncodedContext Kept(string key, EncodedContext context)
    {
        while (Bytes + context.Bytes > Capacity)
        {
            var (oldest, forgotten) = _latestFirst.Last!.Value;
            _latestFirst.RemoveLast();
            _contexts.Remove(oldest);
            Bytes -= forgotten.Bytes;
            forgotten.Dispose();
        }

        _contexts[key] = _latestFirst.AddFirst((key, context));
        Bytes += context.Bytes;
        return context.Shared();
    }

    private void Clear()
    {
        foreach (var (_, context) in _latestFirst)
        {
            context.Dispose();
        }

        _latestFirst.Clear();
        _contexts.Clear();
        Bytes = 0;
    }
}
