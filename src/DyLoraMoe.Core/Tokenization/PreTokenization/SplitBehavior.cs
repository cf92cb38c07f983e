namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>What becomes of a match when text is split at it; the names are those of <c>tokenizer.json</c>.</summary>
internal enum SplitBehavior
{
    /// <summary>The match is dropped.</summary>
    Removed,

    /// <summary>The match is a part of its own.</summary>
    Isolated,

    /// <summary>The match goes to the part before it.</summary>
    MergedWithPrevious,

    /// <summary>The match goes to the part after it.</summary>
    MergedWithNext,

    /// <summary>Matches that touch are one part.</summary>
    Contiguous,
}

/// <summary>Puts matches and the text between them together as a <see cref="SplitBehavior"/> asks.</summary>
internal ref struct PartBuilder(SplitBehavior behavior, bool invert, int origin, List<(int Offset, int Length)> parts)
{
    private int _end;
    private int _heldStart;
    private int _heldEnd;
    private bool _heldMatch;

    /// <summary>Adds a match; the text since the last one is what lies between.</summary>
    public void Match(int start, int length)
    {
        if (length == 0)
        {
            return;
        }

        Between(start);
        Add(start, start + length, !invert);
        _end = start + length;
    }

    /// <summary>Adds what is left of a text of this length.</summary>
    public void Finish(int length)
    {
        Between(length);
        Release();
    }

    private void Between(int until)
    {
        if (until > _end)
        {
            Add(_end, until, invert);
        }
    }

    private void Add(int start, int end, bool match)
    {
        if (behavior == SplitBehavior.Isolated)
        {
            parts.Add((origin + start, end - start));
            return;
        }

        if (behavior == SplitBehavior.Removed)
        {
            if (!match)
            {
                parts.Add((origin + start, end - start));
            }

            return;
        }

        var joins = behavior switch
        {
            SplitBehavior.MergedWithPrevious => match && !_heldMatch,
            SplitBehavior.MergedWithNext => _heldMatch && !match,
            _ => _heldMatch == match,
        };
        if (_heldEnd > _heldStart && joins)
        {
            _heldEnd = end;
        }
        else
        {
            Release();
            (_heldStart, _heldEnd) = (start, end);
        }

        _heldMatch = match;
    }

    private void Release()
    {
        if (_heldEnd > _heldStart)
        {
            parts.Add((origin + _heldStart, _heldEnd - _heldStart));
        }

        (_heldStart, _heldEnd) = (0, 0);
    }
}
