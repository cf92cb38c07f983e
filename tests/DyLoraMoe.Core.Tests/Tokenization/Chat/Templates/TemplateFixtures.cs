using System.Text.Json;
using DyLoraMoe.Core.Tokenization.Chat.Templates;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Tokenization.Chat.Templates;

/// <summary>What Jinja2 itself writes; <c>Fixtures/make-fixtures.py</c> asked it.</summary>
internal static class TemplateFixtures
{
    private static readonly string Folder = Path.Combine(SharedFiles.RepositoryRoot, "tests/DyLoraMoe.Core.Tests/Tokenization/Chat/Fixtures");

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name))).RootElement;

    public static string Family(string name) => File.ReadAllText(Path.Combine(Folder, "templates", name));

    /// <summary>What a template writes with names of its own.</summary>
    public static string Render(string template, params (string Name, Value Value)[] variables)
        => string.Concat(Pieces(template, variables).Select(piece => piece.Text));

    public static IReadOnlyList<TextPiece> Pieces(string template, params (string Name, Value Value)[] variables)
        => Template.Parse(template).Render(variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)), clock: null);

    public static Value ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => TextValue.Of(json.GetString()!),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? new IntegerValue(whole) : new FloatValue(json.GetDouble()),
        JsonValueKind.True or JsonValueKind.False => BooleanValue.Of(json.GetBoolean()),
        JsonValueKind.Array => new ListValue([.. json.EnumerateArray().Select(ValueOf)]),
        JsonValueKind.Object => new DictionaryValue(json.EnumerateObject().Select(property => KeyValuePair.Create<Value, Value>(TextValue.Of(property.Name), ValueOf(property.Value)))),
        _ => NoneValue.Instance,
    };
}
