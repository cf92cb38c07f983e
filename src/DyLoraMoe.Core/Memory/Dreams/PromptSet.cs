namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>Texts that others are compared with, by Jaccard similarity of their character trigrams.</summary>
/// <param name="threshold">From which similarity two texts are the same.</param>
public sealed class PromptSet(double threshold)
{
    private readonly List<HashSet<string>> _known = [];
    private readonly Dictionary<string, List<int>> _holders = new(StringComparer.Ordinal);

    /// <summary>Adds a text.</summary>
    public void Add(string text)
    {
        var grams = Grams(text);
        foreach (var gram in grams)
        {
            (_holders.TryGetValue(gram, out var holders) ? holders : _holders[gram] = []).Add(_known.Count);
        }

        _known.Add(grams);
    }

    /// <summary>Whether one of the texts is the same as another.</summary>
    public bool Has(string text)
    {
        var grams = Grams(text);
        var shared = new Dictionary<int, int>();
        foreach (var holder in grams.SelectMany(gram => _holders.TryGetValue(gram, out var holders) ? holders : []))
        {
            shared[holder] = shared.GetValueOrDefault(holder) + 1;
        }

        return shared.Any(pair => pair.Value >= threshold * (grams.Count + _known[pair.Key].Count - pair.Value));
    }

    private static HashSet<string> Grams(string text)
    {
        var padded = $"\u0002{text}\u0003";
        return [.. Enumerable.Range(0, Math.Max(1, padded.Length - 2)).Select(at => padded.Substring(at, Math.Min(3, padded.Length - at)))];
    }
}
