using System.Buffers;

namespace Microsoft.ML.Tokenizers;

/// <summary>Writes decoded text into a buffer of fixed size, whole ids at a time.</summary>
internal static class Utf8Output
{
    /// <summary>Writes as long as the text of a growing start of the ids fits.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="decode">Decodes a start of the ids; null when the id after it is unknown.</param>
    /// <param name="destination">Where the text goes.</param>
    /// <param name="idsConsumed">How many ids the written text stands for.</param>
    /// <param name="charsWritten">How many characters were written.</param>
    public static OperationStatus Write(IEnumerable<int> ids, Func<IReadOnlyList<int>, string?> decode, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int[] all = [.. ids];
        (idsConsumed, charsWritten) = (0, 0);
        if (decode(all) is not { } text)
        {
            return OperationStatus.InvalidData;
        }

        if (text.AsSpan().TryCopyTo(destination))
        {
            (idsConsumed, charsWritten) = (all.Length, text.Length);
            return OperationStatus.Done;
        }

        // The longest start that fits and does not end within a character, by bisection and then backwards.
        var (fits, tooLong) = (0, all.Length);
        while (tooLong - fits > 1)
        {
            var middle = (fits + tooLong) / 2;
            (fits, tooLong) = decode(all[..middle])!.Length <= destination.Length ? (middle, tooLong) : (fits, middle);
        }

        while (fits > 0 && !text.StartsWith(decode(all[..fits])!, StringComparison.Ordinal))
        {
            fits--;
        }

        var start = decode(all[..fits])!;
        start.CopyTo(destination);
        (idsConsumed, charsWritten) = (fits, start.Length);
        return OperationStatus.DestinationTooSmall;
    }
}
