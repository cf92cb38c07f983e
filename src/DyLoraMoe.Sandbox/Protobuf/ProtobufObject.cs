using System.Text;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Protobuf;

/// <summary>Reads an object in the protobuf form that typed clients prefer, as JSON.</summary>
internal static class ProtobufObject
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private const int DeepestMessage = 32;

    /// <summary>Reads an object with its type.</summary>
    /// <exception cref="FormatException">It is not one, or of a kind or with a field that is not read here.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("k8s\0"u8))
        {
            throw new FormatException("expected the prefix of a protobuf object");
        }

        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        WireReader envelope = new(bytes[4..]);
        while (envelope.Read())
        {
            if (envelope.Field == 1)
            {
                WireReader type = new(envelope.Bytes);
                while (type.Read())
                {
                    (apiVersion, kind) = type.Field == 1 ? (Encoding.UTF8.GetString(type.Bytes), kind) : (apiVersion, Encoding.UTF8.GetString(type.Bytes));
                }
            }
            else if (envelope.Field == 2)
            {
                raw = envelope.Bytes;
            }
        }

        JsonObject item = new() { ["apiVersion"] = apiVersion, ["kind"] = kind };
        foreach ((string name, JsonNode? value) in Message(raw, kind, 0).ToList())
        {
            item[name] = value?.DeepClone();
        }

        return item;
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, string type, int depth)
    {
        IReadOnlyDictionary<int, MessageField> fields = Messages.Find(type) ?? throw new FormatException($"a {type} is not read in protobuf here; send it as JSON");
        if (depth > DeepestMessage)
        {
            throw new FormatException($"expected at most {DeepestMessage} messages inside each other");
        }

        JsonObject message = [];
        WireReader reader = new(bytes);
        while (reader.Read())
        {
            if (!fields.TryGetValue(reader.Field, out MessageField? field))
            {
                // Go writes the zero of fields that nobody set.
                if (!reader.IsZero)
                {
                    throw new FormatException($"field {reader.Field} of a {type} is not read in protobuf here; send it as JSON");
                }
            }
            else if (field.Type[0] == '[')
            {
                (message[field.Name] as JsonArray ?? Add(message, field.Name, new JsonArray())).Add(Value(reader, field.Type[1..^1], depth));
            }
            else if (field.Type[0] == '{')
            {
                (string key, JsonNode? value) = Entry(reader.Bytes, field.Type[1..^1], depth);
                (message[field.Name] as JsonObject ?? Add(message, field.Name, new JsonObject()))[key] = value;
            }
            else if (field.Type != "-" && !(field.Type == "string" && reader.IsZero))
            {
                message[field.Name] = Value(reader, field.Type, depth);
            }
        }

        return message;
    }

    private static T Add<T>(JsonObject message, string name, T value)
        where T : JsonNode
    {
        message[name] = value;
        return value;
    }

    private static (string Key, JsonNode? Value) Entry(ReadOnlySpan<byte> bytes, string type, int depth)
    {
        string key = "";
        JsonNode? value = type is "string" or "bytes" ? "" : null;
        WireReader reader = new(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                key = Encoding.UTF8.GetString(reader.Bytes);
            }
            else
            {
                value = Value(reader, type, depth);
            }
        }

        return (key, value);
    }

    private static JsonNode? Value(WireReader reader, string type, int depth) => type switch
    {
        "string" => Encoding.UTF8.GetString(reader.Bytes),
        "bytes" => Convert.ToBase64String(reader.Bytes),
        "int" => (long)reader.Number,
        "bool" => reader.Number != 0,
        "Quantity" => Quantity(reader.Bytes),
        "IntOrString" => IntOrString(reader.Bytes),
        _ => Message(reader.Bytes, type, depth + 1),
    };

    private static JsonNode Quantity(ReadOnlySpan<byte> bytes)
    {
        WireReader reader = new(bytes);
        return reader.Read() ? Encoding.UTF8.GetString(reader.Bytes) : "0";
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> bytes)
    {
        bool isText = false;
        int number = 0;
        string text = "";
        WireReader reader = new(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    isText = reader.Number != 0;
                    break;
                case 2:
                    number = (int)reader.Number;
                    break;
                default:
                    text = Encoding.UTF8.GetString(reader.Bytes);
                    break;
            }
        }

        return isText ? text : number;
    }
}
