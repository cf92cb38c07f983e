namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Items that a filter gives one by one: true even where there are none, without a length, and gone once somebody went through them.</summary>
/// <param name="source">Makes them when they are asked for.</param>
internal sealed class StreamValue(Func<IEnumerable<Value>> source) : Value
{
    private Func<IEnumerable<Value>>? _source = source;

    public override string Kind => "what a filter gives one by one";

    public override IReadOnlyList<Value> Items()
    {
        ListBuilder items = new();
        foreach (var item in Take())
        {
            items.Add(item);
        }

        return items.Items;
    }

    private IEnumerable<Value> Take()
    {
        var source = _source;
        _source = null;
        return source?.Invoke() ?? [];
    }
}
