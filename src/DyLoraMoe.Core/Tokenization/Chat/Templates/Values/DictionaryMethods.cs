namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>The methods of a dictionary. Those that would change it are refused, as Jinja's sandbox refuses them.</summary>
internal static class DictionaryMethods
{
    private static readonly string[] Changing = ["update", "pop", "popitem", "setdefault", "clear"];

    private static readonly Dictionary<string, Func<DictionaryValue, Arguments, Value>> Methods = new()
    {
        ["items"] = (dictionary, _) => Pairs(dictionary),
        ["keys"] = (dictionary, _) => new ListValue(dictionary.Items()),
        ["values"] = (dictionary, _) => new ListValue([.. dictionary.Entries.Select(entry => entry.Value)]),
        ["get"] = Get,
        ["copy"] = (dictionary, _) => dictionary,
    };

    public static IEnumerable<string> Names => [.. Methods.Keys, .. Changing];

    public static Func<DictionaryValue, Arguments, Value>? Find(string name)
        => Changing.Contains(name) ? (_, _) => throw new TemplateError($"'{name}' would change a dictionary, which a template may not.") : Methods.GetValueOrDefault(name);

    /// <summary>Keys with their values.</summary>
    public static ListValue Pairs(DictionaryValue dictionary)
        => new([.. dictionary.Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]);

    private static Value Get(DictionaryValue dictionary, Arguments arguments)
    {
        var given = arguments.Bind("key", "default");
        return dictionary.Find(given[0] ?? throw new TemplateError("get needs a key.")) ?? given[1] ?? NoneValue.Instance;
    }
}
