using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Reads one prompt, a chunk at a time: by the bare backbone, which also gives the router's features, and where experts act inside the
/// prompt (mode Full, or an invocation sequence) from there on once more with them. The last token is left to the running batch: its
/// output is the first answer token, and there every expert acts.
/// </summary>
internal sealed class PromptReading : IDisposable
{
    // Scores of a token are as many numbers as the vocabulary has words.
    private const int HeadTokens = 32;

    private readonly GenerationRequest _request;
    private readonly LoadedSet _set;
    private readonly int _chunk;
    private readonly List<PrefixMark> _marks = [];
    private readonly FeaturePooler _pooler;
    private PromptCache _cache;
    private int _done;
    private BankShelf? _banks;
    private List<int> _used = [];
    private float[] _weights = [];
    private int[] _starts = [];
    private readonly TokenLogprob[]? _names;

    /// <param name="request">What is asked for with the prompt.</param>
    /// <param name="set">The backbone and its experts.</param>
    /// <param name="known">The longest beginning that was read before.</param>
    /// <param name="chunk">Tokens per pass.</param>
    public PromptReading(GenerationRequest request, LoadedSet set, PrefixHit? known, int chunk)
    {
        _request = request;
        _set = set;
        _chunk = chunk;
        if (known is { } hit && hit.Mark.Tokens == Prompt.Length)
        {
            _cache = hit.Cache.Retain();
            _pooler = hit.Mark.Pooler.Fork();
            IsKnown = true;
        }
        else
        {
            _cache = new PromptCache(set.Model.Config, set.Model.DataType, set.Model.Device, Prompt.Length);
            _pooler = known?.Mark.Pooler.Fork() ?? set.Pooler.Fork();
            if (known is not null)
            {
                _cache.CopyFrom(known.Cache, known.Mark.Tokens);
                _marks.AddRange(known.Marks.Where(mark => mark.Tokens <= known.Mark.Tokens).Select(mark => new PrefixMark(mark.Tokens, mark.Pooler.Fork())));
            }
        }

        _done = CachedTokens = known?.Mark.Tokens ?? 0;
        IsEncoded = IsKnown;
        _names = request.NamesPrompt ? [.. Prompt.Select(id => new TokenLogprob(id, double.NaN, []))] : null;
    }

    /// <summary>Tokens that need no pass, since they were read before.</summary>
    public int CachedTokens { get; }

    /// <summary>Whether the whole prompt was known.</summary>
    public bool IsKnown { get; }

    /// <summary>Whether the bare backbone has read all of it.</summary>
    public bool IsEncoded { get; private set; }

    /// <summary>Whether the sequence can join the running batch.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The prompt's tokens with their probabilities as far as it was read; null unless they are to be named.</summary>
    public IReadOnlyList<TokenLogprob>? Names => _names;

    /// <summary>Tokens that are still to be read, as far as that is known.</summary>
    public int TokensLeft => Math.Max(0, (IsEncoded ? Prompt.Length - 1 : Prompt.Length) - _done);

    private int[] Prompt => _request.Prompt;

    /// <summary>Runs one pass of at most a chunk.</summary>
    /// <returns>Tokens that were read.</returns>
    public int Advance()
    {
        using var scope = NewDisposeScope();
        var end = EndOfChunk(_done, IsEncoded ? Prompt.Length - 1 : Prompt.Length);
        var ids = tensor(Prompt[_done..end].Select(id => (long)id).ToArray(), device: _set.Model.Device).unsqueeze(0);   // (1, T)
        using var delta = IsEncoded ? _banks!.For(_used).Delta(_weights, _starts, _done, end, _set.Model.Device) : null;
        var hidden = _set.Model.Encode(ids, new ForwardOptions { Cache = _cache, Delta = delta, Observer = IsEncoded ? null : _pooler });   // (1, T, D)
        if (_names is not null)
        {
            Name(_names, hidden.squeeze(0), delta);
        }

        var read = end - _done;
        _done = end;
        if (IsEncoded)
        {
            IsComplete = _done >= Prompt.Length - 1;
        }
        else
        {
            _marks.Add(new PrefixMark(_done, _pooler.Fork()));
            IsEncoded = _done >= Prompt.Length;
        }

        return read;
    }

    /// <summary>The router's features, (1, F); the caller owns them.</summary>
    public Tensor Features() => _pooler.Features();

    /// <summary>Gives what was read to the cache, for prompts that begin alike.</summary>
    public void Share(PrefixCache prefixes)
    {
        if (!IsKnown)
        {
            prefixes.Add(Prompt, _cache, [.. _marks]);
            _marks.Clear();
        }
    }

    /// <summary>Goes on with the experts: at once to the batch, or through the part of the prompt in which they act.</summary>
    /// <param name="banks">Builds a bank of them.</param>
    /// <param name="weights">Weight of every expert.</param>
    /// <param name="starts">Where each begins to act.</param>
    public void Continue(BankShelf banks, float[] weights, int[] starts)
    {
        _used = [.. Enumerable.Range(0, weights.Length).Where(index => weights[index] != 0)];
        var first = _used.Count == 0 ? Prompt.Length : _used.Min(index => starts[index]);
        if (first >= Prompt.Length - 1)
        {
            IsComplete = true;
            return;
        }

        (_banks, _weights, _starts) = (banks, weights, starts);
        var own = new PromptCache(_set.Model.Config, _set.Model.DataType, _set.Model.Device, Prompt.Length);
        own.CopyFrom(_cache, first);
        _cache.Dispose();
        _cache = own;
        _done = first;
    }

    /// <summary>Adds the sequence to the running batch.</summary>
    public void Join(RunningCache running) => running.Add(_cache, Prompt.Length - 1);

    public void Dispose()
    {
        _cache.Dispose();
        _pooler.Dispose();
        _marks.ForEach(mark => mark.Dispose());
    }

    // Every token tells how likely the next one is, the last one what the answer begins with.
    private void Name(TokenLogprob[] names, Tensor hidden, AdapterBatch? delta)
    {
        var count = Math.Min(hidden.shape[0], Prompt.Length - 1 - _done);
        for (var at = 0L; at < count; at += HeadTokens)
        {
            using var scope = NewDisposeScope();
            var tokens = arange(at, Math.Min(count, at + HeadTokens), device: hidden.device);                           // (M)
            using var part = delta?.At(tokens);
            var scores = _set.Model.Head(hidden.index_select(0, tokens), part).to_type(ScalarType.Float32);              // (M, V)
            var (first, rows) = (_done + (int)at + 1, (int)scores.shape[0]);
            var next = tensor(Prompt.AsSpan(first, rows).ToArray().Select(id => (long)id).ToArray(), device: scores.device).unsqueeze(1);
            var logprobs = scores - scores.logsumexp(1, keepdim: true);
            var (values, indices) = logprobs.topk(_request.Settings.TopLogprobs ?? 0, 1);                       // (M, K) each
            var own = logprobs.gather(1, next).cpu().data<float>().ToArray();
            var (most, places) = (values.cpu().data<float>().ToArray(), indices.cpu().data<long>().ToArray());
            for (var row = 0; row < rows; row++)
            {
                var top = Enumerable.Range(row * (most.Length / rows), most.Length / rows).Select(place => new TokenLogprob((int)places[place], most[place], []));
                names[first + row] = float.IsFinite(own[row])
                    ? new TokenLogprob(Prompt[first + row], own[row], [.. top])
                    : throw new ScoresNotFiniteException([.. _used.Select(expert => _set.Experts[expert].Member.Name)]);
            }
        }
    }

    // Chunks end at multiples of the chunk, so that prompts that begin alike have marks at the same places.
    private int EndOfChunk(int from, int end) => Math.Min(end, ((from / _chunk) + 1) * _chunk);
}
