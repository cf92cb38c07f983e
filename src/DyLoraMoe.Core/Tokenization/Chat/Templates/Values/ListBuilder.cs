namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Collects items up to the most that a list may have.</summary>
internal sealed class ListBuilder
{
    private readonly List<Value> _items = [];

    public IReadOnlyList<Value> Items => _items;

    public void Add(Value item)
    {
        if (_items.Count == TemplateLimits.Items)
        {
            throw TemplateError.TooLarge("A list", TemplateLimits.Items);
        }

        _items.Add(item);
    }

    public ListValue ToList() => new(_items);
}
