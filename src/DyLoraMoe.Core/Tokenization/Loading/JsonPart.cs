using System.Text.Json;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>A value in a JSON file that knows where it is, so that every complaint can say so.</summary>
internal readonly struct JsonPart
{
    private const long LargestFile = 512L << 20;

    private readonly JsonElement _value;

    private JsonPart(JsonElement value, string place)
    {
        _value = value;
        Place = place;
    }

    /// <summary>The file and the path within it.</summary>
    public string Place { get; }

    public JsonValueKind Kind => _value.ValueKind;

    public bool IsNull => Kind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Reads a file whose root is an object.</summary>
    /// <exception cref="InvalidDataException">It is too large or not JSON.</exception>
    public static JsonPart ReadFile(string path)
    {
        var size = new FileInfo(path).Length;
        if (size > LargestFile)
        {
            throw new InvalidDataException($"{path} has {size} bytes; a tokenizer file of at most {LargestFile} is read.");
        }

        try
        {
            // The document is not disposed: its elements live as long as whoever reads them.
            var root = new JsonPart(JsonDocument.Parse(File.ReadAllBytes(path)).RootElement, Path.GetFileName(path));
            return root.Expect(JsonValueKind.Object, "an object");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>A property, which is Undefined where it is missing.</summary>
    public JsonPart this[string name]
        => Expect(JsonValueKind.Object, "an object")._value.TryGetProperty(name, out var found)
            ? new JsonPart(found, $"{Place}.{name}")
            : new JsonPart(default, $"{Place}.{name}");

    public IEnumerable<JsonPart> Items()
    {
        var place = Place;
        return Expect(JsonValueKind.Array, "a list")._value.EnumerateArray().Select((item, index) => new JsonPart(item, $"{place}[{index}]"));
    }

    public IEnumerable<(string Name, JsonPart Value)> Properties()
    {
        var place = Place;
        return Expect(JsonValueKind.Object, "an object")._value.EnumerateObject().Select(property => (Name(property, place), new JsonPart(property.Value, $"{place}['{property.Name}']")));
    }

    public string Text()
    {
        try
        {
            return Expect(JsonValueKind.String, "a string")._value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw Wrong("a string of valid Unicode", error);
        }
    }

    public string? TextOrNull() => IsNull ? null : Text();

    public int Integer()
        => Expect(JsonValueKind.Number, "an integer")._value.TryGetInt32(out var number) ? number : throw Wrong("an integer");

    public bool Flag(bool otherwise) => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => otherwise,
        _ => throw Wrong("true or false"),
    };

    /// <summary>The value as it stands in the file, shortened.</summary>
    public string Raw()
    {
        var raw = IsNull ? "nothing" : _value.GetRawText();
        return raw.Length > 60 ? raw[..60] + "..." : raw;
    }

    public InvalidDataException Wrong(string expected, Exception? cause = null)
        => new($"{Place} should be {expected}, but is {Raw()}.", cause);

    private static string Name(JsonProperty property, string place)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"{place} has a name that is not valid Unicode.", error);
        }
    }

    private JsonPart Expect(JsonValueKind kind, string description) => Kind == kind ? this : throw Wrong(description);
}
