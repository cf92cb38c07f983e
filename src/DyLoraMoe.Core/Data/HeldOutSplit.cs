using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Core.Data;

/// <summary>
/// Splits by content: SHA-256 of prompt and answer, with runs of white space taken as one space, names one of 2^64 points, and
/// the part is where the point falls. So a sample keeps its part when the data grow or change their order, copies of a sample
/// never end up on both sides, and raising the held-out share only moves samples out of training.
/// </summary>
public sealed class HeldOutSplit
{
    // What is left to learn from is a tenth at least.
    private const int MostAside = 90;

    private readonly int _heldOutPercent;
    private readonly int _testPercent;

    /// <summary>A split that holds out whole percents, at most 90 together.</summary>
    /// <param name="heldOutPercent">Share for <see cref="SplitPart.HeldOut"/>, 0 to 50.</param>
    /// <param name="testPercent">Share for <see cref="SplitPart.Test"/>, 0 to 50.</param>
    public HeldOutSplit(int heldOutPercent, int testPercent = 0)
    {
        if (heldOutPercent is < 0 or > 50 || testPercent is < 0 or > 50 || heldOutPercent + testPercent > MostAside)
        {
            throw new ArgumentOutOfRangeException(
                nameof(heldOutPercent),
                $"Expected whole percents from 0 to 50 that add up to at most {MostAside}, found {heldOutPercent} held out and {testPercent} for test.");
        }

        _heldOutPercent = heldOutPercent;
        _testPercent = testPercent;
    }

    /// <summary>The part that <paramref name="sample"/> belongs to, whatever else is in the data.</summary>
    public SplitPart PartOf(Sample sample)
    {
        // The points of the test share lie at the far end, so that changing one share moves no sample of the other.
        var percent = (int)Math.BigMul(Point(sample), 100UL, out _);
        return percent < _heldOutPercent ? SplitPart.HeldOut
            : percent >= 100 - _testPercent ? SplitPart.Test
            : SplitPart.Train;
    }

    /// <summary>The samples of each part, in their order.</summary>
    public (List<Sample> Train, List<Sample> HeldOut, List<Sample> Test) Apply(IEnumerable<Sample> samples)
    {
        var parts = samples.ToLookup(PartOf);
        return ([.. parts[SplitPart.Train]], [.. parts[SplitPart.HeldOut]], [.. parts[SplitPart.Test]]);
    }

    private static ulong Point(Sample sample)
    {
        var content = new StringBuilder("dylora split 1\0");
        AppendNormalized(content, sample.Prompt);
        content.Append('\0');
        AppendNormalized(content, sample.Answer);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString()), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private static void AppendNormalized(StringBuilder content, string text)
    {
        var gap = false;
        var any = false;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                gap = any;
                continue;
            }

            if (gap)
            {
                content.Append(' ');
            }

            content.Append(character);
            (gap, any) = (false, true);
        }
    }
}
