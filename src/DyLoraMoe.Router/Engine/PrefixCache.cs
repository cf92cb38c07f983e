using DyLoraMoe.Core.Features;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Prompts that were read by the bare backbone, kept for those that begin alike: one cache for all experts, since a prompt is encoded
/// without them. Along with keys and values it keeps what was pooled for the router at some places, so that routing of a prompt that is
/// known needs no pass at all. The least recently used go first.
/// </summary>
/// <param name="budget">Most bytes to keep; 0 for nothing.</param>
internal sealed class PrefixCache(long budget) : IDisposable
{
    private readonly LinkedList<Entry> _entries = new();
    private int _clears;

    /// <summary>Bytes that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Prompts that are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>How often everything was let go of; read on any thread.</summary>
    public int Clears => Volatile.Read(ref _clears);

    /// <summary>The longest known beginning of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <returns>What is known, its parts the cache's own; null when nothing is.</returns>
    public PrefixHit? Find(ReadOnlySpan<int> prompt)
    {
        (LinkedListNode<Entry>? Node, PrefixMark? Mark) best = default;
        for (var node = _entries.First; node is not null; node = node.Next)
        {
            var common = prompt.CommonPrefixLength(node.Value.Tokens);
            var mark = node.Value.Marks.LastOrDefault(mark => mark.Tokens <= common);
            if (mark is not null && mark.Tokens > (best.Mark?.Tokens ?? 0))
            {
                best = (node, mark);
            }
        }

        if (best.Node is not { } found)
        {
            return null;
        }

        _entries.Remove(found);
        _entries.AddFirst(found);
        return new PrefixHit(found.Value.Cache, best.Mark!, found.Value.Marks);
    }

    /// <summary>Keeps a prompt that was read.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="cache">Its keys and values; the cache becomes one more holder.</param>
    /// <param name="marks">What was pooled, in rising order; owned from now on.</param>
    public void Add(int[] tokens, PromptCache cache, IReadOnlyList<PrefixMark> marks)
    {
        var entry = new Entry(tokens, cache.Retain(), marks);
        if (entry.Bytes > budget || _entries.Any(other => other.Tokens.AsSpan().StartsWith(tokens)))
        {
            entry.Dispose();
            return;
        }

        for (var node = _entries.First; node is not null;)
        {
            var next = node.Next;
            if (tokens.AsSpan().StartsWith(node.Value.Tokens))
            {
                Drop(node);
            }

            node = next;
        }

        _entries.AddFirst(entry);
        Bytes += entry.Bytes;
        while (Bytes > budget)
        {
            Drop(_entries.Last!);
        }
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        _clears++;
        while (_entries.Last is { } last)
        {
            Drop(last);
        }
    }

    public void Dispose() => Clear();

    private void Drop(LinkedListNode<Entry> node)
    {
        _entries.Remove(node);
        Bytes -= node.Value.Bytes;
        node.Value.Dispose();
    }

    private sealed record Entry(int[] Tokens, PromptCache Cache, IReadOnlyList<PrefixMark> Marks) : IDisposable
    {
        public long Bytes => Cache.Bytes + (Tokens.Length * (long)sizeof(int));

        public void Dispose()
        {
            Cache.Dispose();
            foreach (var mark in Marks)
            {
                mark.Dispose();
            }
        }
    }
}

/// <summary>What was pooled of a prompt's first tokens.</summary>
/// <param name="Tokens">How many tokens.</param>
/// <param name="Pooler">What the router's features are made of.</param>
internal sealed record PrefixMark(int Tokens, FeaturePooler Pooler) : IDisposable
{
    public void Dispose() => Pooler.Dispose();
}

/// <summary>A known beginning.</summary>
/// <param name="Cache">Keys and values of a prompt that begins alike.</param>
/// <param name="Mark">How much of it is common.</param>
/// <param name="Marks">All places of that prompt.</param>
internal sealed record PrefixHit(PromptCache Cache, PrefixMark Mark, IReadOnlyList<PrefixMark> Marks);
