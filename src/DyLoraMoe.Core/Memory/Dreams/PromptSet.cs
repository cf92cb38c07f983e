namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>Texts that others are compared with, by Jaccard similarity of their character trigrams.</summary>
/// <param name="threshold">From which similarity two texts are the same.</param>
public sealed class PromptSet(double threshold)
{
    private readonly List<(string Text, HashSet<string> Grams)> _known = [];
    private readonly Dictionary<string, List<int>> _holders = new(StringComparer.Ordinal);

    /// <summary>Adds a text.</summary>
    public void Add(string text)
    {
        var grams = Grams(text);
        foreach (var gram in grams)
        {
            (_holders.TryGetValue(gram, out var holders) ? holders : _holders[gram] = []).Add(_known.Count);
        }

        _known.Add((text, grams));
    }

    /// <summary>The first of the texts that is the same as another; null when none is.</summary>
    public string? Like(string text)
    {
        var grams = Grams(text);
        var shared = new SortedDictionary<int, int>();
        foreach (var holder in grams.SelectMany(gram => _holders.TryGetValue(gram, out var holders) ? holders : []))
        {
            shared[holder] = shared.GetValueOrDefault(holder) + 1;
        }

        foreach (var (holder, count) in shared)
        {
            if (count >= threshold * (grams.Count + _known[holder].Grams.Count - count))
            {
                return _known[holder].Text;
            }
        }

        return null;
    }

    private static HashSet<string> Grams(string text)
    {
        var padded = $"\u0002{text}\u0003";
        return [.. Enumerable.Range(0, Math.Max(1, padded.Length - 2)).Select(at => padded.Substring(at, Math.Min(3, padded.Length - at)))];
    }
}
