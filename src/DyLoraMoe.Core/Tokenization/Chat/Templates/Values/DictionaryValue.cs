namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A dictionary in the order in which it was written.</summary>
internal sealed class DictionaryValue : Value
{
    private readonly OrderedDictionary<Value, Value> _entries = new(ValueComparer.Instance);

    public DictionaryValue(IEnumerable<KeyValuePair<Value, Value>> entries)
    {
        foreach (var (key, value) in entries)
        {
            _entries[key] = value;
        }

        Depth = NestedDepth.Of(_entries.Keys.Concat(_entries.Values));
    }

    public override string Kind => "a dictionary";

    public override bool IsTrue => _entries.Count > 0;

    public override int Depth { get; }

    public override bool HoldsOutside => _entries.Any(entry => entry.Key.HoldsOutside || entry.Value.HoldsOutside);

    public IReadOnlyCollection<KeyValuePair<Value, Value>> Entries => _entries;

    public override IReadOnlyList<Value> Items() => [.. _entries.Keys];

    public override int Length() => _entries.Count;

    public Value? Find(Value key) => _entries.TryGetValue(key, out var value) ? value : null;

    public override Value Attribute(string name) => DictionaryMethods.Find(name) is { } method
        ? new FunctionValue(name, (arguments, _) => method(this, arguments))
        : Find(TextValue.Of(name)) ?? base.Attribute(name);

    public override Value Item(Value key) => Find(key) ?? base.Item(key);
}
