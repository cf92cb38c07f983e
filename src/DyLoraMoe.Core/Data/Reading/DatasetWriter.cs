using System.Text.Encodings.Web;
using System.Text.Json;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Writes samples as JSON lines that <see cref="DatasetReader"/> reads back unchanged without being told any field; pairs, chats and plain texts together with <see cref="DatasetOptions.EachRowDecides"/>.</summary>
public static class DatasetWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>{"prompt", "answer"}</c>, <c>{"messages"}</c> or <c>{"text"}</c> per line. The stream is left open.</summary>
    public static void WriteJsonLines(Stream stream, IEnumerable<Sample> samples)
    {
        using var writer = new Utf8JsonWriter(stream, Options);
        foreach (var sample in samples)
        {
            writer.WriteStartObject();
            if (sample.IsPlainText)
            {
                writer.WriteString("text", sample.Answer);
            }
            else if (sample.Conversation is { } conversation)
            {
                writer.WriteStartArray("messages");
                foreach (var (role, content) in conversation.Messages.Append(new ChatMessage("assistant", sample.Answer)))
                {
                    writer.WriteStartObject();
                    writer.WriteString("role", role);
                    writer.WriteString("content", content);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }
            else
            {
                writer.WriteString("prompt", sample.Prompt);
                writer.WriteString("answer", sample.Answer);
            }

            writer.WriteEndObject();
            writer.Flush();
            stream.WriteByte((byte)'\n');
            writer.Reset();
        }
    }
}
