namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Python's equality: numbers by what they amount to, texts by what they say whoever wrote them.</summary>
internal sealed class ValueComparer : IEqualityComparer<Value>
{
    public static ValueComparer Instance { get; } = new();

    public bool Equals(Value? x, Value? y) => (x, y) switch
    {
        (TextValue left, TextValue right) => left.Text == right.Text,
        (UndefinedValue, UndefinedValue) or (NoneValue, NoneValue) => true,
        (ListValue left, ListValue right) => left.IsTuple == right.IsTuple && left.Items().SequenceEqual(right.Items(), this),
        (DictionaryValue left, DictionaryValue right) => left.Length() == right.Length() && left.Entries.All(entry => right.Find(entry.Key) is { } other && Equals(entry.Value, other)),
        (not null, not null) when Numbers.Whole(x) is { } left && Numbers.Whole(y) is { } right => left == right,
        (not null, not null) when Numbers.Real(x) is { } left && Numbers.Real(y) is { } right => left.Equals(right),
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode(Value obj) => obj switch
    {
        TextValue text => text.Text.GetHashCode(StringComparison.Ordinal),
        UndefinedValue or NoneValue => 1,
        ListValue { IsTuple: true } tuple => tuple.Items().Aggregate(2, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        ListValue or DictionaryValue => throw new TemplateError($"{obj.Kind} cannot be a key."),
        _ => Numbers.Real(obj) is { } number ? number.GetHashCode() : obj.GetHashCode(),
    };
}
