namespace Microsoft.ML.Tokenizers;

/// <summary>Symbols in a row that join pair by pair, best pair first: a queue over a linked list, n log n in the length.</summary>
/// <param name="tryJoin">Priority (lower joins first) and id of what two neighbouring symbols join to, given their places.</param>
internal sealed class SymbolChain(SymbolChain.JoinRule tryJoin)
{
    private readonly List<Symbol> _symbols = [];
    private readonly PriorityQueue<(int Left, int Right, int Length, int Id), (double Priority, int Position)> _queue = new();

    /// <summary>Looks up the join of two symbols.</summary>
    public delegate bool JoinRule(in Symbol left, in Symbol right, out double priority, out int id);

    /// <summary>Appends a symbol.</summary>
    public void Add(int id, int start, int length)
    {
        var at = _symbols.Count;
        _symbols.Add(new Symbol(id, start, length, at - 1, -1));
        if (at > 0)
        {
            _symbols[at - 1] = _symbols[at - 1] with { Next = at };
        }
    }

    /// <summary>Joins until nothing joins, and gives what is left.</summary>
    public List<Symbol> Join()
    {
        for (var i = 0; i + 1 < _symbols.Count; i++)
        {
            Consider(i, i + 1);
        }

        while (_queue.TryDequeue(out var join, out _))
        {
            var (left, right) = (_symbols[join.Left], _symbols[join.Right]);
            if (left.Length + right.Length != join.Length || left.Length == 0 || right.Length == 0 || left.Next != join.Right)
            {
                continue;
            }

            _symbols[join.Left] = left with { Id = join.Id, Length = join.Length, Next = right.Next };
            _symbols[join.Right] = right with { Length = 0 };
            if (right.Next >= 0)
            {
                _symbols[right.Next] = _symbols[right.Next] with { Previous = join.Left };
            }

            Consider(left.Previous, join.Left);
            Consider(join.Left, right.Next);
        }

        return _symbols.FindAll(symbol => symbol.Length > 0);
    }

    private void Consider(int left, int right)
    {
        if (left >= 0 && right >= 0 && tryJoin(_symbols[left], _symbols[right], out var priority, out var id))
        {
            _queue.Enqueue((left, right, _symbols[left].Length + _symbols[right].Length, id), (priority, left));
        }
    }

    /// <summary>One symbol: its id, the characters it covers, and its neighbours.</summary>
    internal readonly record struct Symbol(int Id, int Start, int Length, int Previous, int Next);
}
