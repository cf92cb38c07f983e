using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A prompt from two memories that a walk brought together. Of one wording, it asks about a crossing of both: the beginning of one and the rest of the other, cut
/// between words where there are several, else between characters. Of two wordings, it asks in one's words about what the other was about.
/// </summary>
public static class DreamCollision
{
    /// <summary>The prompt; null when nothing new comes of the two.</summary>
    /// <param name="one">The memory whose wording is used.</param>
    /// <param name="other">The memory that it meets.</param>
    /// <param name="frames">The wording of each skill.</param>
    /// <param name="random">Where to cut.</param>
    public static string? Of(MemoryNode one, MemoryNode other, IReadOnlyDictionary<string, TextFrame> frames, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(random);
        var (frame, meets) = (frames[one.Skill], frames[other.Skill]);
        if (frame.About(one.Sample.Prompt) is not { } about || meets.About(other.Sample.Prompt) is not { } matter)
        {
            return null;
        }

        var mixed = frame == meets ? Crossed(about, matter, random) : matter;
        var prompt = frame.Ask(mixed);
        return mixed.Length == 0 || prompt == one.Sample.Prompt || prompt == other.Sample.Prompt ? null : prompt;
    }

    private static string Crossed(string one, string other, SeededRandom random)
    {
        var (mine, theirs) = (Pieces(one), Pieces(other));
        var (from, to) = (random.Next(mine.Length) + 1, random.Next(theirs.Length));
        return string.Concat(mine[..Math.Min(from, mine.Length)].Concat(theirs[to..]));
    }

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
