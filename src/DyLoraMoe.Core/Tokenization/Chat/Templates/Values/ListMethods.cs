namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>The methods of a list. Those that would change it are refused, as Jinja's sandbox refuses them.</summary>
internal static class ListMethods
{
    private static readonly string[] Changing = ["append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse"];

    private static readonly Dictionary<string, Func<ListValue, Arguments, Value>> Methods = new()
    {
        ["index"] = (list, arguments) => Index(list, arguments.One("value")),
        ["count"] = (list, arguments) => Count(list, arguments.One("value")),
        ["copy"] = (list, arguments) => list,
    };

    public static IEnumerable<string> Names => [.. Methods.Keys, .. Changing];

    public static Func<ListValue, Arguments, Value>? Find(string name)
        => Changing.Contains(name) ? (_, _) => throw new TemplateError($"'{name}' would change a list, which a template may not.") : Methods.GetValueOrDefault(name);

    private static IntegerValue Count(ListValue list, Value sought) => new(Enumerable.Count(list.Items(), item => Comparison.AreEqual(item, sought)));

    private static IntegerValue Index(ListValue list, Value sought)
    {
        for (var i = 0; i < list.Length(); i++)
        {
            if (Comparison.AreEqual(list.Items()[i], sought))
            {
                return new IntegerValue(i);
            }
        }

        throw new TemplateError("index did not find the item.");
    }
}
