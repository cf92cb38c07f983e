using System.Text.Encodings.Web;
using System.Text.Json;

namespace DyLoraMoe.Core.Tokenization.Training;

/// <summary>What <see cref="BpeTrainer"/> learnt; saved, any loader of Hugging Face folders reads it.</summary>
public sealed class TrainedVocabulary
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly BpeTrainerOptions _options;

    internal TrainedVocabulary(BpeTrainerOptions options, IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges)
    {
        _options = options;
        Tokens = tokens;
        Merges = merges;
    }

    /// <summary>Every token by its id, bytes written in GPT-2's alphabet.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>The merges in the order they were learnt.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</summary>
    /// <param name="folder">The folder, made where it is missing.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "tokenizer.json"), WriteTokenizer);
        Write(Path.Combine(folder, "tokenizer_config.json"), WriteConfig);
    }

    private static void Write(string path, Action<Utf8JsonWriter> body)
    {
        using var stream = File.Create(path);
        using Utf8JsonWriter json = new(stream, Format);
        json.WriteStartObject();
        body(json);
        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string? name)
    {
        if (name is null)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartObject(name);
        }

        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
        json.WriteEndObject();
    }

    private void WriteTokenizer(Utf8JsonWriter json)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json);
        json.WriteNull("normalizer");
        WritePreTokenizer(json);
        WritePostProcessor(json);
        WriteByteLevel(json, "decoder");
        WriteModel(json);
    }

    private void WriteAddedTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < _options.SpecialTokens.Count; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", _options.SpecialTokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WritePreTokenizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", _options.Pattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        WriteByteLevel(json, null);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WritePostProcessor(Utf8JsonWriter json)
    {
        if (!_options.AddBos)
        {
            json.WriteNull("post_processor");
            return;
        }

        var bos = _options.BosToken!;
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        foreach (var (name, sequences) in ((string, string[])[])[("single", ["A"]), ("pair", ["A", "B"])])
        {
            json.WriteStartArray(name);
            for (var i = 0; i < sequences.Length; i++)
            {
                WriteTemplatePiece(json, "SpecialToken", bos, i);
                WriteTemplatePiece(json, "Sequence", sequences[i], i);
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("special_tokens");
        json.WriteStartObject(bos);
        json.WriteString("id", bos);
        json.WriteStartArray("ids");
        json.WriteNumberValue(_options.SpecialTokens.ToList().IndexOf(bos));
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        json.WriteStringValue(bos);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplatePiece(Utf8JsonWriter json, string kind, string id, int typeId)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", typeId);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var name in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            json.WriteNull(name);
        }

        foreach (var name in (string[])["fuse_unk", "byte_fallback", "ignore_merges"])
        {
            json.WriteBoolean(name, false);
        }

        json.WriteStartObject("vocab");
        for (var id = 0; id < Tokens.Count; id++)
        {
            json.WriteNumber(Tokens[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in Merges)
        {
            json.WriteStringValue($"{left} {right}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteConfig(Utf8JsonWriter json)
    {
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        WriteRole("bos_token", _options.BosToken);
        WriteRole("eos_token", _options.EosToken);
        WriteRole("pad_token", _options.PadToken);
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        if (_options.ChatTemplate is not null)
        {
            json.WriteString("chat_template", _options.ChatTemplate);
        }

        void WriteRole(string name, string? token)
        {
            if (token is not null)
            {
                json.WriteString(name, token);
            }
        }
    }
}
