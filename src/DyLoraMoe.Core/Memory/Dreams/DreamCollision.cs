using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A prompt from two or three memories that a walk brought together. Of one wording, it asks about a crossing of them: the beginning of the first, a stretch of the one
/// between and the rest of the last, cut between words where there are several, else between characters. Of several wordings, it asks in the first one's words about
/// what the other was about, or about a crossing of what the two others were about. Of a conversation, the question is its last message; those before it stay.
/// </summary>
public static class DreamCollision
{
    /// <summary>The question; null when nothing new comes of them.</summary>
    /// <param name="parts">The memories, the one whose wording is used first; one alone crosses with itself.</param>
    /// <param name="frames">The wording of each skill.</param>
    /// <param name="random">Where to cut.</param>
    public static string? Of(IReadOnlyList<MemoryNode> parts, IReadOnlyDictionary<string, TextFrame> frames, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(random);
        parts = parts is [var alone] ? [alone, alone] : parts;
        var wordings = parts.Select(part => frames[part.Skill]).ToList();
        var matters = parts.Zip(wordings, (part, wording) => wording.About(part.Sample.Question)).OfType<string>().ToList();
        if (matters.Count < parts.Count)
        {
            return null;
        }

        var mixed = Crossed(wordings.TrueForAll(wording => wording == wordings[0]) ? matters : matters[1..], random);
        var prompt = wordings[0].Ask(mixed);
        return mixed.Length == 0 || parts.Any(part => part.Sample.Question == prompt) ? null : prompt;
    }

    private static string Crossed(List<string> matters, SeededRandom random) => string.Concat(matters.SelectMany((matter, at) =>
    {
        var pieces = Pieces(matter);
        var start = at == 0 ? 0 : random.Next(pieces.Length);
        var end = at == matters.Count - 1 ? pieces.Length : start + 1 + random.Next(pieces.Length - start);
        return pieces[start..end];
    }));

    // Words with the spaces before them; characters when there is one word only.
    private static string[] Pieces(string text)
    {
        var pieces = new List<string>();
        var start = 0;
        for (var at = 1; at <= text.Length; at++)
        {
            if (at == text.Length || (char.IsWhiteSpace(text[at]) && !char.IsWhiteSpace(text[at - 1])))
            {
                pieces.Add(text[start..at]);
                start = at;
            }
        }

        return pieces.Count > 1 ? [.. pieces] : [.. text.Select(character => character.ToString())];
    }
}
