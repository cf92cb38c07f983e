namespace DyLoraMoe.Router.Metrics;

/// <summary>Writes labels as Prometheus' text format has them.</summary>
internal static class Labels
{
    /// <summary>The labels without braces, such as <c>expert="reverse",code="200"</c>.</summary>
    /// <param name="names">Names.</param>
    /// <param name="values">Values, as many.</param>
    public static string Text(IReadOnlyList<string> names, IReadOnlyList<string> values) =>
        string.Join(',', names.Zip(values, (name, value) => $"{name}=\"{Escaped(value)}\""));

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
