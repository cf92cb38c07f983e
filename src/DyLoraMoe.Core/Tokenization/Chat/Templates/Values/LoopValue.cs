namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What a loop knows about where it is.</summary>
/// <param name="items">What it goes through.</param>
internal sealed class LoopValue(IReadOnlyList<Value> items) : Value
{
    public int Index { get; set; }

    public override string Kind => "a loop";

    public override Value Attribute(string name) => name switch
    {
        "index" => new IntegerValue(Index + 1),
        "index0" => new IntegerValue(Index),
        "revindex" => new IntegerValue(items.Count - Index),
        "revindex0" => new IntegerValue(items.Count - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Count - 1),
        "length" => new IntegerValue(items.Count),
        // Jinja counts recursive loops only.
        "depth" => new IntegerValue(1),
        "depth0" => new IntegerValue(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("The first turn of a loop has no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("The last turn of a loop has no next item"),
        "cycle" => new FunctionValue(name, Cycle),
        _ => base.Attribute(name),
    };

    public override Value Item(Value key) => key is TextValue name ? Attribute(name.Text) : base.Item(key);

    private Value Cycle(Arguments arguments, Scope scope)
        => arguments.Positional.Count > 0 ? arguments.Positional[Index % arguments.Positional.Count] : throw new TemplateError("loop.cycle needs at least one value.");
}
