using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Core.Data;

/// <summary>
/// A name for a data set that depends on its samples alone: not on their order, nor on the file format or the number of files
/// that they came in. Each sample has the SHA-256 of its kind, prompt and answer (UTF-8, each preceded by its byte length);
/// the data set has the SHA-256 of their count and their sorted digests. Copies count, so removing one changes the digest.
/// </summary>
public static class DatasetDigest
{
    /// <summary>The digest as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static string Of(IEnumerable<Sample> samples)
    {
        var digests = samples.Select(OfSample).ToList();
        digests.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("dylora dataset 1\0"u8);
        AppendInteger(hash, digests.Count);
        foreach (var digest in digests)
        {
            hash.AppendData(digest);
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] OfSample(Sample sample)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(sample.IsPlainText ? "text\0"u8 : sample.Conversation is null ? "pair\0"u8 : "chat\0"u8);
        if (sample.Conversation is { } conversation)
        {
            AppendText(hash, conversation.Roles);
        }

        AppendText(hash, sample.Prompt);
        AppendText(hash, sample.Answer);
        return hash.GetHashAndReset();
    }

    private static void AppendText(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        AppendInteger(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendInteger(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
