using System.Runtime.InteropServices;

namespace DyLoraMoe.Core.Memory;

/// <summary>Features as they are stored: half precision, the lowest byte first. Three digits are plenty for a cosine, at half the bytes.</summary>
public static class EpisodeEmbedding
{
    /// <summary>Packs features; what is beyond half precision's range is cut.</summary>
    /// <param name="features">F numbers.</param>
    public static byte[] Pack(ReadOnlySpan<float> features)
    {
        var halves = new Half[features.Length];
        for (var at = 0; at < halves.Length; at++)
        {
            halves[at] = (Half)Math.Clamp(features[at], (float)Half.MinValue, (float)Half.MaxValue);
        }

        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }

    /// <summary>Unpacks features.</summary>
    /// <param name="packed">What <see cref="Pack"/> gave.</param>
    public static float[] Unpack(ReadOnlySpan<byte> packed)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(packed);
        var features = new float[halves.Length];
        for (var at = 0; at < features.Length; at++)
        {
            features[at] = (float)halves[at];
        }

        return features;
    }
}
