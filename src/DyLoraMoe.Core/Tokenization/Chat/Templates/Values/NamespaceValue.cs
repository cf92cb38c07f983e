namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>The one thing whose attributes a template may set, so that a loop can hand something out.</summary>
internal sealed class NamespaceValue : Value
{
    private readonly Dictionary<string, Value> _attributes = [];

    public override string Kind => "a namespace";

    public void Set(string name, Value value) => _attributes[name] = value;

    public override Value Attribute(string name) => _attributes.TryGetValue(name, out var value) ? value : base.Attribute(name);

    public override Value Item(Value key) => key is TextValue name ? Attribute(name.Text) : base.Item(key);
}
