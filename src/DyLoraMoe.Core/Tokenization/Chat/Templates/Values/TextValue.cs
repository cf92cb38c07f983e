namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A text that knows who wrote which of its characters. What is cut out of it or put together from it knows too.</summary>
internal sealed class TextValue : Value
{
    private readonly TextRun[] _runs;

    internal TextValue(string text, TextRun[] runs)
    {
        Text = text;
        _runs = runs;
    }

    public static TextValue Empty { get; } = new(string.Empty, []);

    public string Text { get; }

    public override string Kind => "a text";

    public override bool IsTrue => Text.Length > 0;

    public override bool HoldsOutside => Array.Exists(_runs, run => run.Origin != TextOrigin.Template);

    public IReadOnlyList<TextRun> Runs => _runs;

    public static TextValue Of(string text, TextOrigin origin = TextOrigin.Template) => text.Length == 0 ? Empty : new TextValue(text, [new TextRun(text.Length, origin)]);

    public override TextValue ToText() => this;

    public override int Length() => CodePoints.Count(Text);

    public override IReadOnlyList<Value> Items()
    {
        ListBuilder characters = new();
        for (int at = 0, width; at < Text.Length; at += width)
        {
            width = CodePoints.WidthAt(Text, at);
            characters.Add(Cut(at, at + width));
        }

        return characters.Items;
    }

    public override Value Attribute(string name) => TextMethods.Find(name) is { } method
        ? new FunctionValue(name, (arguments, _) => method(this, arguments))
        : base.Attribute(name);

    public override Value Item(Value key)
    {
        if (Numbers.Whole(key) is not { } index)
        {
            return base.Item(key);
        }

        var starts = CodePoints.Starts(Text);
        var at = index < 0 ? index + starts.Length - 1 : index;
        return at >= 0 && at < starts.Length - 1 ? Cut(starts[at], starts[at + 1]) : base.Item(key);
    }

    /// <summary>The units from one place to another.</summary>
    public TextValue Cut(int start, int end)
    {
        if (start == 0 && end == Text.Length)
        {
            return this;
        }

        TextBuilder part = new();
        part.Append(this, start, end);
        return part.ToText();
    }
}
