using System.Text;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Texts that must fit.</summary>
internal static class Text
{
    /// <summary>As much of a text as has so many bytes in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Most bytes.</param>
    public static string Cut(string text, int bytes)
    {
        const string Ellipsis = "...";
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var end = Math.Min(text.Length, bytes - Ellipsis.Length);
        while (end > 0 && ((end < text.Length && char.IsLowSurrogate(text[end])) || Encoding.UTF8.GetByteCount(text.AsSpan(0, end)) > bytes - Ellipsis.Length))
        {
            end--;
        }

        return text[..end] + Ellipsis;
    }
}
