using System.Globalization;

namespace DyLoraMoe.Core.Growth;

/// <summary>The layer number in names such as <c>model.layers.3.mlp.up_proj.weight</c>.</summary>
internal static class LayerNames
{
    private const string Start = "model.layers.";

    public static string Prefix(int layer) => string.Create(CultureInfo.InvariantCulture, $"{Start}{layer}.");

    /// <summary>The layer of a name; null for what is in no layer.</summary>
    public static int? LayerOf(string name)
    {
        if (!name.StartsWith(Start, StringComparison.Ordinal))
        {
            return null;
        }

        var end = name.IndexOf('.', Start.Length);
        return end > 0 && int.TryParse(name.AsSpan(Start.Length, end - Start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : null;
    }

    /// <summary>The same weight or projection of another layer.</summary>
    public static string InLayer(string name, int layer) => Prefix(layer) + name[(name.IndexOf('.', Start.Length) + 1)..];
}
