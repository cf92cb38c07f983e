namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Python's slices of lists and texts.</summary>
internal static class Slicing
{
    public static Value Slice(Value value, long? start, long? stop, long? step) => value switch
    {
        ListValue list => new ListValue([.. Places(list.Length(), start, stop, step).Select(at => list.Items()[at])], list.IsTuple),
        TextValue text => Slice(text, start, stop, step ?? 1),
        UndefinedValue undefined => throw undefined.Error,
        _ => throw new TemplateError($"{value.Kind} cannot be sliced; expected a list or a text."),
    };

    private static TextValue Slice(TextValue text, long? start, long? stop, long step)
    {
        var starts = CodePoints.Starts(text.Text);
        var places = Places(starts.Length - 1, start, stop, step);
        if (step == 1)
        {
            return places.Count == 0 ? TextValue.Empty : text.Cut(starts[places[0]], starts[places[^1] + 1]);
        }

        TextBuilder result = new();
        foreach (var at in places)
        {
            result.Append(text, starts[at], starts[at + 1]);
        }

        return result.ToText();
    }

    private static List<int> Places(int length, long? start, long? stop, long? step)
    {
        var stride = Math.Clamp(step ?? 1, -length - 1, length + 1);
        if (stride == 0)
        {
            throw new TemplateError("A slice has a step of zero.");
        }

        var (lowest, highest) = stride > 0 ? (0, length) : (-1, length - 1);
        var from = Clamp(start, stride > 0 ? 0 : length - 1);
        var to = Clamp(stop, stride > 0 ? length : -1);
        List<int> places = [];
        for (var at = from; stride > 0 ? at < to : at > to; at += stride)
        {
            places.Add((int)at);
        }

        return places;

        long Clamp(long? bound, long otherwise) => bound is not { } given ? otherwise : Math.Clamp(given < 0 ? given + length : given, lowest, highest);
    }
}
