using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Tokenization;

/// <summary>Small tokenizers of every family, written to a folder of their own that goes when this does.</summary>
internal sealed class TokenizerFiles : IDisposable
{
    public const string Llama3Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Lazy<TextTokenizer> SharedGpt2 = new(() => TextTokenizer.LoadFile(SharedFiles.Shared("fixtures/gpt2/tokenizer.json")));

    public string Folder { get; } = Directory.CreateTempSubdirectory("dylora-tokenizer-").FullName;

    /// <summary>GPT-2's tokenizer from its <c>tokenizer.json</c>.</summary>
    public static TextTokenizer Gpt2 => SharedGpt2.Value;

    /// <summary>A byte-level tokenizer with Llama 3's pattern.</summary>
    public static JsonObject ByteLevel(string pattern = Llama3Pattern) => new()
    {
        ["added_tokens"] = new JsonArray(Added(0, "<|bos|>"), Added(1, "<|eos|>")),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
        },
        ["post_processor"] = null,
        ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
        ["model"] = Model(ByteLevelTokens(), ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "1 2", "12 3", "ĠĠ ĠĠ", "Ġ Ġ"]),
    };

    /// <summary>A byte-fallback tokenizer as Llama 2 has it.</summary>
    public static JsonObject ByteFallback() => new()
    {
        ["added_tokens"] = new JsonArray(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>")),
        ["normalizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray(
                new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" },
                new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" }),
        },
        ["pre_tokenizer"] = null,
        ["post_processor"] = Template(("<s>", 1)),
        ["decoder"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["decoders"] = new JsonArray(
                new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
                new JsonObject { ["type"] = "ByteFallback" },
                new JsonObject { ["type"] = "Fuse" },
                new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }),
        },
        ["model"] = Model(ByteFallbackTokens(), ["▁ h", "e l", "▁h el", "l o", "▁hel lo", "▁ ▁", "▁▁ ▁▁"], byteFallback: true),
    };

    public static JsonObject Template(params (string Token, int Id)[] before)
    {
        JsonArray single = [];
        JsonObject special = [];
        foreach (var (token, id) in before)
        {
            single.Add(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } });
            special[token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
        }

        single.Add(new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } });
        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = single, ["special_tokens"] = special };
    }

    public static JsonObject Added(int id, string content, bool special = true) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = special,
    };

    /// <summary>Replaces a part of a tokenizer; dots lead into objects.</summary>
    public static JsonObject With(JsonObject tokenizer, string path, JsonNode? value)
    {
        var names = path.Split('.');
        var target = tokenizer;
        foreach (var name in names[..^1])
        {
            target = target[name]!.AsObject();
        }

        target[names[^1]] = value;
        return tokenizer;
    }

    public TokenizerFiles Write(string name, JsonNode content) => Write(name, content.ToJsonString());

    public TokenizerFiles Write(string name, string content)
    {
        File.WriteAllText(Path.Combine(Folder, name), content);
        return this;
    }

    public TokenizerFiles Write(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(Folder, name), content);
        return this;
    }

    public TextTokenizer Load() => TextTokenizer.Load(Folder);

    /// <summary>Loads one <c>tokenizer.json</c> with nothing beside it.</summary>
    public static TextTokenizer Load(JsonObject tokenizer)
    {
        using TokenizerFiles files = new();
        return files.Write("tokenizer.json", tokenizer).Load();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static IEnumerable<string> ByteLevelTokens()
        => ["<|bos|>", "<|eos|>", .. Enumerable.Range(0, 256).Select(value => Core.Tokenization.BytePair.ByteAlphabet.ToCharacter((byte)value).ToString())];

    private static IEnumerable<string> ByteFallbackTokens()
        => ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "h", "e", "l", "o", "w", "r", "d", "é", "日", "😀"];

    private static JsonObject Model(IEnumerable<string> tokens, string[] merges, bool byteFallback = false)
    {
        JsonObject vocabulary = [];
        foreach (var token in tokens.Concat(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))))
        {
            vocabulary[token] = vocabulary.Count;
        }

        return new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = byteFallback ? "<unk>" : null,
            ["fuse_unk"] = byteFallback,
            ["byte_fallback"] = byteFallback,
            ["ignore_merges"] = false,
            ["vocab"] = vocabulary,
            ["merges"] = JsonSerializer.SerializeToNode(merges),
        };
    }
}
