using System.Text;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Puts texts together and keeps track of who wrote what.</summary>
internal sealed class TextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<TextRun> _runs = [];

    public void Append(string text, TextOrigin origin) => Append(text.AsSpan(), origin);

    public void Append(TextValue text) => Append(text, 0, text.Text.Length);

    /// <summary>Adds the units of a text from one place to another.</summary>
    public void Append(TextValue text, int start, int end)
    {
        var at = start;
        for (var index = FirstBehind(text.Runs, start); at < end; index++)
        {
            var run = text.Runs[index];
            var stop = Math.Min(run.End, end);
            Append(text.Text.AsSpan(at, stop - at), run.Origin);
            at = stop;
        }
    }

    public TextValue ToText() => _text.Length == 0 ? TextValue.Empty : new TextValue(_text.ToString(), [.. _runs]);

    /// <summary>What was put together, one piece for each change of author.</summary>
    public List<TextPiece> ToPieces()
    {
        var text = _text.ToString();
        List<TextPiece> pieces = new(_runs.Count);
        var start = 0;
        foreach (var run in _runs)
        {
            pieces.Add(new TextPiece(text[start..run.End], run.Origin));
            start = run.End;
        }

        return pieces;
    }

    private static int FirstBehind(IReadOnlyList<TextRun> runs, int start)
    {
        var (low, high) = (0, runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = runs[middle].End > start ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void Append(ReadOnlySpan<char> text, TextOrigin origin)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_text.Length + text.Length > TemplateLimits.Text)
        {
            throw TemplateError.TooLarge("A text", TemplateLimits.Text);
        }

        _text.Append(text);
        if (_runs.Count > 0 && _runs[^1].Origin == origin)
        {
            _runs[^1] = new TextRun(_text.Length, origin);
        }
        else
        {
            _runs.Add(new TextRun(_text.Length, origin));
        }
    }
}
