using System.Text.Json.Nodes;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.Chat;

/// <summary>Tokenizers with a chat template and markers, whose ids count from 500.</summary>
internal static class ChatFolders
{
    public static TextTokenizer Load(string? template, params (string Text, bool IsSpecial)[] markers)
    {
        using TokenizerFiles files = new();
        return Write(files, template, markers).Load();
    }

    public static TokenizerFiles Write(TokenizerFiles files, JsonNode? template, params (string Text, bool IsSpecial)[] markers)
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        for (var i = 0; i < markers.Length; i++)
        {
            tokenizer["added_tokens"]!.AsArray().Add(TokenizerFiles.Added(500 + i, markers[i].Text, markers[i].IsSpecial));
        }

        return files.Write("tokenizer.json", tokenizer)
            .Write("tokenizer_config.json", new JsonObject { ["bos_token"] = "<|bos|>", ["eos_token"] = "<|eos|>", ["chat_template"] = template });
    }
}
