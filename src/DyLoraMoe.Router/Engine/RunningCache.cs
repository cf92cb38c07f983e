using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Keys and values of the running batch, a slot per row. All rows end at one column, whatever their length: a step writes one column and
/// reads a window of columns in place, nothing is copied, and masks and sliding windows see the order of the tokens. Rows come and go
/// between steps; the columns move to the left when they reach the end of the store.
/// </summary>
/// <remarks>Shapes: B rows, K key/value heads, C columns, S window (the longest row and the new token), E head size.</remarks>
internal sealed class RunningCache : IKeyValueCache, IDisposable
{
    private const int FirstColumns = 64;

    private readonly ModelConfig _config;
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly int _mostRows;
    private readonly int _mostColumns;
    private readonly Tensor?[] _keys;
    private readonly Tensor?[] _values;
    private readonly List<int> _lengths = [];
    private int _rows;
    private int _columns;
    private int _end;

    /// <param name="config">The model's shape.</param>
    /// <param name="type">Element type.</param>
    /// <param name="device">Where.</param>
    /// <param name="mostRows">Most rows.</param>
    /// <param name="mostTokens">Longest row.</param>
    public RunningCache(ModelConfig config, ScalarType type, Device device, int mostRows, int mostTokens)
    {
        _config = config;
        _type = type;
        _device = device;
        _mostRows = mostRows;
        _mostColumns = ColumnsFor(mostTokens);
        _keys = new Tensor?[config.Layers];
        _values = new Tensor?[config.Layers];
    }

    /// <summary>Number of rows, B.</summary>
    public int Rows => _lengths.Count;

    /// <summary>Tokens of all rows.</summary>
    public long Tokens => _lengths.Sum(length => (long)length);

    /// <summary>Bytes that are allocated.</summary>
    public long Bytes => (long)_rows * _columns * PromptCache.BytesPerToken(_config, _type);

    public long Length => Longest;

    private int Longest => _lengths.Count == 0 ? 0 : _lengths.Max();

    /// <summary>Columns that a store for rows of <paramref name="tokens"/> tokens may grow to: twice, so that moving is rare.</summary>
    public static int ColumnsFor(int tokens) => 2 * (tokens + 1);

    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var window = Longest + 1;
        Store(_keys[layer]!, 0, _end, keys);
        Store(_values[layer]!, 0, _end, values);
        return (Window(_keys[layer]!), Window(_values[layer]!));

        Tensor Window(Tensor store) => store.narrow(0, 0, Rows).narrow(2, _end + 1 - window, window);   // (B, K, S, E)
    }

    /// <summary>Makes room for the next step's column.</summary>
    public void Reserve()
    {
        if (_end == _columns)
        {
            if (_columns < _mostColumns)
            {
                Resize(_rows, Math.Min(_mostColumns, Math.Max(FirstColumns, _columns * 2)));
            }
            else
            {
                Move(Longest);
            }
        }
    }

    /// <summary>Counts the column of a step that is complete.</summary>
    public void Advance()
    {
        _end++;
        for (var row = 0; row < _lengths.Count; row++)
        {
            _lengths[row]++;
        }
    }

    /// <summary>True where a row's token is real, (B, S) for the next step, its new token last; null when all are.</summary>
    public Tensor? KeyMask()
    {
        var longest = Longest;
        if (_lengths.TrueForAll(length => length == longest))
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var first = tensor(_lengths.Select(length => (long)(longest - length)).ToArray(), device: _device).unsqueeze(1);   // (B, 1)
        return (arange(longest + 1, device: _device).unsqueeze(0) >= first).MoveToOuterDisposeScope();                      // (B, S)
    }

    /// <summary>Position of every row's next token, (B, 1) int64.</summary>
    public Tensor Positions()
    {
        using var scope = NewDisposeScope();
        return tensor(_lengths.Select(length => (long)length).ToArray(), device: _device).unsqueeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>Adds a row with the first tokens of a prompt, as the last row.</summary>
    /// <param name="prompt">The prompt; stays the caller's.</param>
    /// <param name="tokens">How many of its tokens; may be 0.</param>
    public void Add(PromptCache prompt, int tokens)
    {
        if (tokens > _end)
        {
            MakeEnd(tokens);
        }

        if (Rows == _rows)
        {
            Resize(Math.Clamp(_rows * 2, 1, _mostRows), Math.Max(_columns, FirstColumns));
        }

        using var scope = NewDisposeScope();
        for (var layer = 0; tokens > 0 && layer < _config.Layers; layer++)
        {
            var (keys, values) = prompt.First(layer, tokens);
            Store(_keys[layer]!, Rows, _end - tokens, keys);
            Store(_values[layer]!, Rows, _end - tokens, values);
        }

        _lengths.Add(tokens);
    }

    /// <summary>Makes zeros of what a row holds that is no number any more: whoever has its slot next only masks it, and zero times such a thing is none.</summary>
    public void Clear(int row)
    {
        using var scope = NewDisposeScope();
        foreach (var store in _keys.Concat(_values))
        {
            store!.select(0, row).zero_();
        }
    }

    /// <summary>Takes a row out; the last row takes its place.</summary>
    public void Remove(int row)
    {
        var last = Rows - 1;
        if (row != last)
        {
            using var scope = NewDisposeScope();
            var length = _lengths[last];
            foreach (var store in _keys.Concat(_values))
            {
                Store(store!, row, _end - length, store!.narrow(0, last, 1).narrow(2, _end - length, length));
            }

            _lengths[row] = length;
        }

        _lengths.RemoveAt(last);
        if (Rows == 0)
        {
            _end = 0;
        }
    }

    /// <summary>Gives the memory back; there must be no row.</summary>
    public void Release()
    {
        if (Rows > 0)
        {
            throw new InvalidOperationException($"The cache still has {Rows} rows.");
        }

        Dispose();
        Array.Clear(_keys);
        Array.Clear(_values);
        (_rows, _columns, _end) = (0, 0, 0);
    }

    public void Dispose()
    {
        foreach (var store in _keys.Concat(_values))
        {
            store?.Dispose();
        }
    }

    private void MakeEnd(int tokens)
    {
        if (tokens > _columns)
        {
            var columns = Math.Max(FirstColumns, _columns);
            while (columns <= tokens)
            {
                columns *= 2;
            }

            Resize(_rows, Math.Min(columns, _mostColumns));
        }

        if (Rows > 0)
        {
            Move(tokens);
        }

        _end = tokens;
    }

    // Moves what all rows hold so that it ends at another column, by way of one layer's copy: all of it together is half of the store. What may fail for want of memory comes first, since
    // some layers moved and others not would be other tokens' keys and values.
    private void Move(int end)
    {
        if (Longest is var longest and > 0)
        {
            using var aside = empty([Rows, _config.KeyValueHeads, longest, _config.HeadSize], _type, _device);
            foreach (var store in _keys.Concat(_values))
            {
                using var rows = store!.narrow(0, 0, Rows);
                using var window = rows.narrow(2, _end - longest, longest);
                aside.copy_(window);
                Store(store, 0, end - longest, aside);
            }
        }

        _end = end;
    }

    private void Resize(int rows, int columns)
    {
        rows = Math.Max(1, rows);
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            _keys[layer] = Resized(_keys[layer]);
            _values[layer] = Resized(_values[layer]);
        }

        (_rows, _columns) = (rows, columns);

        // Zeros, since what a mask hides is still multiplied: by zero, which spares anything but a NaN.
        Tensor Resized(Tensor? store)
        {
            var larger = zeros([rows, _config.KeyValueHeads, columns, _config.HeadSize], _type, _device).DetachFromDisposeScope();
            if (store is not null)
            {
                if (Rows > 0 && _end > 0)
                {
                    Store(larger, 0, 0, store.narrow(0, 0, Rows).narrow(2, 0, _end));
                }

                store.Dispose();
            }

            return larger;
        }
    }

    private static void Store(Tensor store, int row, int column, Tensor tokens)
    {
        if (tokens.shape[2] == 0)
        {
            return;
        }

        using var rows = store.narrow(0, row, tokens.shape[0]);
        using var target = rows.narrow(2, column, tokens.shape[2]);
        target.copy_(tokens);
    }
}
