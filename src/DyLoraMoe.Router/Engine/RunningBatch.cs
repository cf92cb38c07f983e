using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>The sequences that are being answered, one row each, all in one pass whatever experts they use.</summary>
/// <remarks>Shapes: B rows, E experts of the bank in use, D hidden, V vocabulary.</remarks>
internal sealed class RunningBatch(LoadedSet set, BankShelf banks, int mostRows, int mostTokens) : IDisposable
{
    private readonly RunningCache _cache = new(set.Model.Config, set.Model.DataType, set.Model.Device, mostRows, mostTokens);
    private readonly List<Sequence> _rows = [];
    private AdapterBatch? _delta;
    private ExpertBank? _bank;
    private bool _isStale = true;

    public IReadOnlyList<Sequence> Rows => _rows;

    /// <summary>Keys and values of all rows.</summary>
    public RunningCache Cache => _cache;

    /// <summary>How many experts the rows use.</summary>
    public int ExpertsInUse { get; private set; }

    /// <summary>Adds a sequence whose prompt was read.</summary>
    public void Add(Sequence sequence, PromptReading prompt)
    {
        prompt.Join(_cache);
        _rows.Add(sequence);
        _isStale = true;
    }

    /// <summary>One more token for every row, then those that are complete leave.</summary>
    /// <param name="chooser">Chooses the tokens.</param>
    /// <returns>The rows that got no token; they stay.</returns>
    public IReadOnlyList<Unanswerable> Step(TokenChooser chooser)
    {
        using var scope = NewDisposeScope();
        _cache.Reserve();
        Refresh();
        var ids = tensor(_rows.Select(row => (long)row.NextInput).ToArray(), device: set.Model.Device).unsqueeze(1);          // (B, 1)
        var hidden = set.Model.Encode(ids, new ForwardOptions
        {
            Cache = _cache,
            KeyMask = _cache.KeyMask(),
            Positions = _cache.Positions(),
            PositionsEnd = _cache.Length + 1,
            Delta = _delta,
        });                                                                                                                  // (B, 1, D)
        _cache.Advance();
        var broken = chooser.Choose(set.Model.Head(hidden.squeeze(1), _delta), _rows);                                       // (B, V)
        foreach (var (row, _) in broken)
        {
            _cache.Clear(_rows.IndexOf(row));
        }

        RemoveWhere(row => row.IsEnded);
        return broken;
    }

    /// <summary>Takes out the rows that a condition holds for.</summary>
    public void RemoveWhere(Func<Sequence, bool> condition)
    {
        for (var row = _rows.Count - 1; row >= 0; row--)
        {
            if (condition(_rows[row]))
            {
                if (_rows[row].Generated.Count == 0)
                {
                    // Nobody looked at its scores yet.
                    _cache.Clear(row);
                }

                _cache.Remove(row);
                _rows[row] = _rows[^1];
                _rows.RemoveAt(_rows.Count - 1);
                _isStale = true;
            }
        }
    }

    /// <summary>Takes out all rows after a pass that may have stopped half-way: nothing in the cache can be trusted, and the device may not work.</summary>
    public void Abandon()
    {
        while (_rows.Count > 0)
        {
            _cache.Remove(_rows.Count - 1);
            _rows.RemoveAt(_rows.Count - 1);
        }

        Release();
    }

    /// <summary>Gives back the memory of a batch without rows.</summary>
    public void Release()
    {
        LetGo();
        _isStale = true;
        ExpertsInUse = 0;
        _cache.Release();
    }

    public void Dispose()
    {
        _delta?.Dispose();
        _cache.Dispose();
    }

    private void LetGo()
    {
        _delta?.Dispose();
        _delta = null;
        _bank?.IsInUse = false;
        _bank = null;
    }

    // What the experts add is prepared once and used until a row comes or goes.
    private void Refresh()
    {
        if (!_isStale)
        {
            return;
        }

        _isStale = false;
        LetGo();
        var used = Enumerable.Range(0, set.Experts.Count).Where(expert => _rows.Exists(row => row.Weights[expert] != 0)).ToList();
        ExpertsInUse = used.Count;
        if (used.Count > 0)
        {
            _bank = banks.For(used);
            _bank.IsInUse = true;
            using var weights = tensor(_rows.SelectMany(row => _bank.Of(row.Weights)).ToArray(), [_rows.Count, _bank.Experts.Count], device: set.Model.Device);   // (B, E)
            _delta = new AdapterBatch(_bank.Bank, weights, tokens: 1);
        }
    }
}
