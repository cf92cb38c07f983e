namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A list, or a tuple.</summary>
internal sealed class ListValue : Value
{
    private readonly IReadOnlyList<Value> _items;

    public ListValue(IReadOnlyList<Value> items, bool isTuple = false)
    {
        if (items.Count > TemplateLimits.Items)
        {
            throw TemplateError.TooLarge("A list", TemplateLimits.Items);
        }

        _items = items;
        IsTuple = isTuple;
        Depth = NestedDepth.Of(items);
    }

    public bool IsTuple { get; }

    public override string Kind => IsTuple ? "a tuple" : "a list";

    public override bool IsTrue => _items.Count > 0;

    public override int Depth { get; }

    public override bool HoldsOutside => _items.Any(item => item.HoldsOutside);

    public override IReadOnlyList<Value> Items() => _items;

    public override int Length() => _items.Count;

    public override Value Attribute(string name) => ListMethods.Find(name) is { } method
        ? new FunctionValue(name, (arguments, _) => method(this, arguments))
        : base.Attribute(name);

    public override Value Item(Value key)
    {
        if (Numbers.Whole(key) is not { } index)
        {
            return base.Item(key);
        }

        var at = index < 0 ? index + _items.Count : index;
        return at >= 0 && at < _items.Count ? _items[(int)at] : base.Item(key);
    }
}
