using System.Globalization;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>What a path such as <c>function.name</c> leads to.</summary>
internal static class AttributePath
{
    public static Value Of(Value value, Value path)
    {
        if (Numbers.Whole(path) is not null)
        {
            return value.Item(path);
        }

        foreach (var part in path.ToText().Text.Split('.'))
        {
            value = long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? value.Item(new IntegerValue(index))
                : value is DictionaryValue dictionary ? dictionary.Item(TextValue.Of(part)) : value.Attribute(part);
        }

        return value;
    }
}
