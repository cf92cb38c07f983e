namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What comes before what, and what is in what.</summary>
internal static class Comparison
{
    public static bool AreEqual(Value left, Value right) => ValueComparer.Instance.Equals(left, right);

    /// <summary>Below zero where the left comes first.</summary>
    public static int Compare(Value left, Value right)
    {
        if (Numbers.Whole(left) is { } whole && Numbers.Whole(right) is { } other)
        {
            return whole.CompareTo(other);
        }

        if (Numbers.Real(left) is { } first && Numbers.Real(right) is { } second)
        {
            return first.CompareTo(second);
        }

        return (left, right) switch
        {
            (TextValue one, TextValue another) => CodePoints.Compare(one.Text, another.Text),
            (ListValue one, ListValue another) when one.IsTuple == another.IsTuple => CompareItems(one.Items(), another.Items()),
            (UndefinedValue undefined, _) => throw undefined.Error,
            (_, UndefinedValue undefined) => throw undefined.Error,
            _ => throw new TemplateError($"{left.Kind} cannot be compared with {right.Kind}."),
        };
    }

    public static bool IsIn(Value item, Value container) => container switch
    {
        TextValue text => item is TextValue part
            ? text.Text.Contains(part.Text, StringComparison.Ordinal)
            : throw new TemplateError($"{item.Kind} cannot be in a text; expected a text."),
        DictionaryValue dictionary => dictionary.Find(item) is not null,
        ListValue or StreamValue => container.Items().Contains(item, ValueComparer.Instance),
        UndefinedValue => false,
        _ => throw new TemplateError($"Nothing can be in {container.Kind}; expected a list, a dictionary or a text."),
    };

    private static int CompareItems(IReadOnlyList<Value> left, IReadOnlyList<Value> right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!AreEqual(left[i], right[i]))
            {
                return Compare(left[i], right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }
}
