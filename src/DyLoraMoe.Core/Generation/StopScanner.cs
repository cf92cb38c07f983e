namespace DyLoraMoe.Core.Generation;

/// <summary>Lets text through up to the first stop text, holding back only what could still become one.</summary>
/// <param name="stops">The stop texts; none may be empty.</param>
public sealed class StopScanner(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop text was met; nothing more comes through then.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes in new text and returns what can be shown for certain.</summary>
    /// <param name="text">The new text.</param>
    public string Push(string text)
    {
        if (IsStopped)
        {
            return "";
        }

        var all = _held + text;
        var first = stops.Select(stop => all.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
        IsStopped = first >= 0;
        var shown = IsStopped ? first : all.Length - LongestBeginning(all);
        _held = IsStopped ? "" : all[shown..];
        return all[..shown];
    }

    /// <summary>What was held back, when no more text comes.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    // The longest end of the text that is the beginning of a stop text.
    private int LongestBeginning(string text)
    {
        var longest = stops.Count == 0 ? 0 : Math.Min(text.Length, stops.Max(stop => stop.Length) - 1);
        for (var length = longest; length > 0; length--)
        {
            if (stops.Any(stop => stop.Length > length && text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))))
            {
                return length;
            }
        }

        return 0;
    }
}
