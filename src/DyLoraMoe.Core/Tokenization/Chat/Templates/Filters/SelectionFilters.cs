using DyLoraMoe.Core.Tokenization.Chat.Templates.Tests;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Filters that choose items or make others of them, by a test, an attribute or another filter.</summary>
internal static class SelectionFilters
{
    public static Dictionary<string, FilterFunction> All { get; } = new()
    {
        ["map"] = Map,
        ["select"] = (value, arguments) => Select(value, arguments, hasAttribute: false, wanted: true),
        ["reject"] = (value, arguments) => Select(value, arguments, hasAttribute: false, wanted: false),
        ["selectattr"] = (value, arguments) => Select(value, arguments, hasAttribute: true, wanted: true),
        ["rejectattr"] = (value, arguments) => Select(value, arguments, hasAttribute: true, wanted: false),
    };

    private static StreamValue Map(Value value, Arguments arguments)
    {
        if (arguments.Positional.Count == 0)
        {
            var given = arguments.Bind("attribute", "default");
            var path = given[0] ?? throw new TemplateError("map needs an attribute or the name of a filter.");
            return new StreamValue(() => value.Items().Select(item => AttributePath.Of(item, path)).Select(found => found is UndefinedValue ? given[1] ?? found : found));
        }

        var name = arguments.Positional[0].ToText().Text;
        var filter = FilterTable.Find(name) ?? throw new TemplateError($"There is no filter '{name}'; known are {string.Join(", ", FilterTable.Names)}.");
        var rest = new Arguments($"the filter '{name}'", [.. arguments.Positional.Skip(1)], arguments.Named);
        return new StreamValue(() => value.Items().Select(item => filter(item, rest)));
    }

    private static StreamValue Select(Value value, Arguments arguments, bool hasAttribute, bool wanted)
    {
        var positional = arguments.Positional;
        var path = !hasAttribute ? null : positional.Count > 0 ? positional[0] : throw new TemplateError($"{arguments.Callee} needs the name of an attribute.");
        var rest = positional.Skip(hasAttribute ? 1 : 0).ToList();
        var test = rest.Count > 0 ? Named(rest[0].ToText().Text) : (item, _) => item.IsTrue;
        var given = new Arguments(arguments.Callee, [.. rest.Skip(1)], arguments.Named);
        return new StreamValue(() => value.Items().Where(item => test(path is null ? item : AttributePath.Of(item, path), given) == wanted));
    }

    private static TestFunction Named(string name)
        => TestTable.Find(name) ?? throw new TemplateError($"There is no test '{name}'; known are {string.Join(", ", TestTable.Names)}.");
}
