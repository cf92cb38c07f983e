using System.Globalization;
using System.Text.Json;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Reads <see cref="TokenizerSettings"/> from the files of a folder, all of them optional.</summary>
internal static class TokenizerSettingsReader
{
    /// <summary>The largest id that is believed; larger ones would ask for absurd tables.</summary>
    public const int LargestId = 1 << 24;

    private static readonly string[] _named = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static TokenizerSettings Read(string folder)
    {
        var config = ReadOptional(folder, "tokenizer_config.json");
        var map = ReadOptional(folder, "special_tokens_map.json");
        var generation = ReadOptional(folder, "generation_config.json");
        var model = ReadOptional(folder, "config.json");
        return new TokenizerSettings
        {
            TokenizerClass = config?["tokenizer_class"].TextOrNull(),
            Bos = Token("bos_token", config, map),
            Eos = Token("eos_token", config, map),
            Pad = Token("pad_token", config, map),
            Unknown = Token("unk_token", config, map),
            AdditionalSpecial = AdditionalSpecial(config, map),
            AddBos = OptionalFlag(config?["add_bos_token"]),
            AddEos = OptionalFlag(config?["add_eos_token"]),
            Legacy = config?["legacy"].Flag(true) ?? true,
            ChatTemplate = ChatTemplate(folder, config),
            TokenTexts = TokenTexts(config, map),
            AddedTokens = AddedTokens(folder, config),
            BosId = Ids("bos_token_id", generation, model).Select(id => (int?)id).FirstOrDefault(),
            EosIds = Ids("eos_token_id", generation, model),
            PadId = Ids("pad_token_id", generation, model).Select(id => (int?)id).FirstOrDefault(),
        };
    }

    /// <summary>One added token as <c>tokenizer.json</c> and <c>tokenizer_config.json</c> write it.</summary>
    public static AddedToken ReadAddedToken(JsonPart part, int id, JsonPart place)
    {
        if (id is < 0 or > LargestId)
        {
            throw place.Wrong($"a token with an id from 0 to {LargestId}");
        }

        return new AddedToken(part["content"].Text(), id)
        {
            Special = part["special"].Flag(false),
            Normalized = part["normalized"].Flag(!part["special"].Flag(false)),
            StripLeft = part["lstrip"].Flag(false),
            StripRight = part["rstrip"].Flag(false),
            SingleWord = part["single_word"].Flag(false),
        };
    }

    private static JsonPart? ReadOptional(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonPart.ReadFile(path) : null;
    }

    private static string? Token(string name, params JsonPart?[] files)
        => files.Select(file => file is { } part ? Content(part[name]) : null).FirstOrDefault(token => token is not null);

    /// <summary>What the first file that has a name says of it.</summary>
    private static Dictionary<string, string?> TokenTexts(params JsonPart?[] files)
    {
        Dictionary<string, string?> texts = [];
        foreach (var part in files.OfType<JsonPart>())
        {
            foreach (var name in _named.Where(name => part[name].Kind != JsonValueKind.Undefined))
            {
                texts.TryAdd(name, Content(part[name]));
            }
        }

        return texts;
    }

    /// <summary>A token is its text, or an object with its text as <c>content</c>.</summary>
    private static string? Content(JsonPart part) => part.Kind == JsonValueKind.Object ? part["content"].Text() : part.TextOrNull();

    private static List<string> AdditionalSpecial(params JsonPart?[] files)
    {
        List<string> tokens = [];
        foreach (var file in files)
        {
            if (file is { } part && part["additional_special_tokens"] is { IsNull: false } list)
            {
                tokens.AddRange(list.Items().Select(Content).OfType<string>());
            }
        }

        return tokens;
    }

    private static bool? OptionalFlag(JsonPart? part) => part is { IsNull: false } flag ? flag.Flag(false) : null;

    /// <summary>The file beside the settings counts before what they say, and of several templates the one called default.</summary>
    private static string? ChatTemplate(string folder, JsonPart? config)
    {
        var aside = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(aside))
        {
            return File.ReadAllText(aside);
        }

        var template = config?["chat_template"] ?? default;
        if (template.Kind == JsonValueKind.Array)
        {
            var named = template.Items().ToList();
            return (named.Exists(IsDefault) ? named.Find(IsDefault) : named.FirstOrDefault()) is { IsNull: false } chosen ? chosen["template"].Text() : null;
        }

        return template.TextOrNull();

        static bool IsDefault(JsonPart part) => part["name"].TextOrNull() == "default";
    }

    private static List<AddedToken> AddedTokens(string folder, JsonPart? config)
    {
        Dictionary<int, AddedToken> tokens = [];
        if (ReadOptional(folder, "added_tokens.json") is { } plain)
        {
            foreach (var (content, value) in plain.Properties())
            {
                var id = value.Integer();
                tokens[id] = id is >= 0 and <= LargestId ? new AddedToken(content, id) { Special = true } : throw value.Wrong($"an id from 0 to {LargestId}");
            }
        }

        if (config?["added_tokens_decoder"] is { IsNull: false } decoder)
        {
            foreach (var (name, value) in decoder.Properties())
            {
                var id = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw value.Wrong("named by its id");
                tokens[id] = ReadAddedToken(value, id, value);
            }
        }

        return [.. tokens.Values.OrderBy(token => token.Id)];
    }

    /// <summary>An id, or a list of ids, from the first file that has one.</summary>
    private static List<int> Ids(string name, params JsonPart?[] files)
    {
        foreach (var file in files)
        {
            if (file is { } part && part[name] is { IsNull: false } value)
            {
                return value.Kind == JsonValueKind.Array ? [.. value.Items().Select(item => item.Integer())] : [value.Integer()];
            }
        }

        return [];
    }
}
