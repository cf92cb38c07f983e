using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DyLoraMoe.Sandbox.Json;

/// <summary>Reads YAML as Kubernetes does: as version 1.1, in which yes, no, on and off are booleans and a leading 0 makes a number octal.</summary>
internal static partial class YamlText
{
    /// <summary>The documents of a stream, empty ones left out.</summary>
    /// <param name="text">The stream.</param>
    /// <param name="duplicates">Gets a line for every key that a mapping has twice, of which the last counts; without it such a key is an error.</param>
    public static IReadOnlyList<JsonNode> Parse(string text, List<string>? duplicates = null)
    {
        Parser parser = new(new StringReader(text));
        Reader reader = new(parser, duplicates);
        List<JsonNode> documents = [];
        parser.Consume<StreamStart>();
        while (parser.TryConsume<DocumentStart>(out _))
        {
            if (reader.Node() is { } node)
            {
                documents.Add(node);
            }

            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private static JsonValue? Value(Scalar scalar)
    {
        string value = scalar.Value;
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(value);
        }

        return value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => JsonValue.Create(true),
            "false" or "False" or "FALSE" or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => JsonValue.Create(false),
            _ when Whole().IsMatch(value) && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => JsonValue.Create(whole),
            _ when Octal().IsMatch(value) => JsonValue.Create(Convert.ToInt64(value, 8)),
            _ when Fraction().IsMatch(value) => Number(double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture)),
            _ => JsonValue.Create(value),
        };
    }

    private static JsonValue Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? JsonValue.Create((long)value) : JsonValue.Create(value);

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^0[0-7]{1,20}$")]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Fraction();

    private sealed class Reader(Parser parser, List<string>? duplicates)
    {
        private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];

        public JsonNode? Node()
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return _anchors.TryGetValue(alias.Value, out var known) ? known?.DeepClone() : throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
            }

            NodeEvent start = parser.Consume<NodeEvent>();
            JsonNode? node = start switch
            {
                MappingStart => Mapping(),
                SequenceStart => Sequence(),
                Scalar scalar => Value(scalar),
                _ => null,
            };
            if (!start.Anchor.IsEmpty)
            {
                _anchors[start.Anchor] = node?.DeepClone();
            }

            return node;
        }

        private JsonObject Mapping()
        {
            JsonObject item = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                Scalar key = parser.Consume<Scalar>();
                if (item.ContainsKey(key.Value))
                {
                    string twice = $"line {key.Start.Line}: key \"{key.Value}\" already set in map";
                    (duplicates ?? throw new YamlException(key.Start, key.End, twice)).Add(twice);
                }

                item[key.Value] = Node();
            }

            return item;
        }

        private JsonArray Sequence()
        {
            JsonArray list = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Node());
            }

            return list;
        }
    }
}
