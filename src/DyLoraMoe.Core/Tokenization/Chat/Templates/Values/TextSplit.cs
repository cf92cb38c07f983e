namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Takes texts apart as Python does.</summary>
internal static class TextSplit
{
    public static ListValue Split(TextValue text, TextValue? separator, int most)
    {
        if (separator is null)
        {
            return AtSpace(text, most);
        }

        ListBuilder parts = new();
        var start = 0;
        for (int at; most != 0 && (at = text.Text.IndexOf(Marker(separator), start, StringComparison.Ordinal)) >= 0; most--)
        {
            parts.Add(text.Cut(start, at));
            start = at + separator.Text.Length;
        }

        parts.Add(text.Cut(start, text.Text.Length));
        return parts.ToList();
    }

    /// <summary>As <see cref="Split"/>, but the last separators count.</summary>
    public static ListValue SplitFromEnd(TextValue text, TextValue? separator, int most)
    {
        if (separator is null || most < 0)
        {
            return separator is not null || most < 0 ? Split(text, separator, most) : throw new TemplateError("rsplit with a number of parts needs a separator.");
        }

        ListBuilder parts = new();
        var end = text.Text.Length;
        for (int at; most != 0 && (at = text.Text.AsSpan(0, end).LastIndexOf(Marker(separator))) >= 0; most--)
        {
            parts.Add(text.Cut(at + separator.Text.Length, end));
            end = at;
        }

        parts.Add(text.Cut(0, end));
        return new ListValue([.. parts.Items.Reverse()]);
    }

    public static ListValue Lines(TextValue text, bool keepEnds)
    {
        ListBuilder lines = new();
        var start = 0;
        for (var at = 0; at < text.Text.Length; at++)
        {
            if (PythonSpace.IsLineBreak(text.Text[at]))
            {
                var next = text.Text[at] == '\r' && at + 1 < text.Text.Length && text.Text[at + 1] == '\n' ? at + 2 : at + 1;
                lines.Add(text.Cut(start, keepEnds ? next : at));
                (start, at) = (next, next - 1);
            }
        }

        if (start < text.Text.Length)
        {
            lines.Add(text.Cut(start, text.Text.Length));
        }

        return lines.ToList();
    }

    /// <summary>Every place of one text within another taken by a third.</summary>
    public static TextValue Replace(TextValue text, TextValue old, TextValue replacement, int most)
    {
        TextBuilder result = new();
        var start = 0;
        var at = 0;
        while (most != 0 && at <= text.Text.Length && (at = text.Text.IndexOf(old.Text, at, StringComparison.Ordinal)) >= 0)
        {
            result.Append(text, start, at);
            result.Append(replacement);
            start = at + old.Text.Length;
            at = old.Text.Length > 0 ? start : at < text.Text.Length ? at + CodePoints.WidthAt(text.Text, at) : at + 1;
            most--;
        }

        result.Append(text, start, text.Text.Length);
        return result.ToText();
    }

    public static TextValue Join(TextValue separator, IEnumerable<Value> items)
    {
        TextBuilder result = new();
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                result.Append(separator);
            }

            result.Append(item.ToText());
            isFirst = false;
        }

        return result.ToText();
    }

    /// <summary>Takes characters off the ends: white space, or those named.</summary>
    public static TextValue Strip(TextValue text, TextValue? characters, bool atStart = true, bool atEnd = true)
    {
        var (start, end) = (0, text.Text.Length);
        while (atStart && start < end && IsTaken(start, CodePoints.WidthAt(text.Text, start)))
        {
            start += CodePoints.WidthAt(text.Text, start);
        }

        while (atEnd && end > start)
        {
            var width = end - 2 >= start ? CodePoints.WidthAt(text.Text, end - 2) : 1;
            if (!IsTaken(end - width, width))
            {
                break;
            }

            end -= width;
        }

        return text.Cut(start, end);

        bool IsTaken(int at, int width) => characters is null
            ? PythonSpace.IsSpace(text.Text[at])
            : characters.Text.AsSpan().IndexOf(text.Text.AsSpan(at, width)) >= 0;
    }

    private static string Marker(TextValue separator) => separator.IsTrue ? separator.Text : throw new TemplateError("A text cannot be split at an empty separator.");

    private static ListValue AtSpace(TextValue text, int most)
    {
        ListBuilder parts = new();
        for (var start = PythonSpace.SkipSpace(text.Text, 0); start < text.Text.Length; most--)
        {
            var end = start;
            while (most != 0 && end < text.Text.Length && !PythonSpace.IsSpace(text.Text[end]))
            {
                end++;
            }

            // The last part keeps its white space.
            end = most == 0 ? text.Text.Length : end;
            parts.Add(text.Cut(start, end));
            start = PythonSpace.SkipSpace(text.Text, end);
        }

        return parts.ToList();
    }
}
