using System.Globalization;
using System.Text;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>How much a ConfigMap can hold. Requests and sets say something of every skill and expert, and grow with them.</summary>
internal static class MapSize
{
    /// <summary>Most bytes of its data, keys and values.</summary>
    public const int MostData = 1 << 20;

    /// <summary>Most bytes of its annotations, keys and values.</summary>
    public const int MostNotes = 256 << 10;

    /// <summary>What is said of a ConfigMap that no API server would take, since it is too large; null for one that it would.</summary>
    public static string? Excess(V1ConfigMap map) =>
        Bytes(map.Data) is > MostData and var data ? Sentence(map, data, MostData, "data")
        : Bytes(map.Metadata.Annotations) is > MostNotes and var notes ? Sentence(map, notes, MostNotes, "annotations")
        : null;

    private static int Bytes(IDictionary<string, string>? pairs) => pairs?.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) ?? 0;

    private static string Sentence(V1ConfigMap map, int bytes, int most, string what) => string.Create(
        CultureInfo.InvariantCulture,
        $"ConfigMap {map.Metadata.Name} would have {bytes:N0} bytes of {what}, and {most:N0} are the most that there may be. It says something of every skill and expert of the Backbone: have fewer, or divide them among several Backbones.");
}
