using System.Globalization;
using System.Text;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>
/// A small SVG writer. Same input, same bytes. Colours of text and lines follow the reader's light or dark scheme; data colours
/// are readable on both.
/// </summary>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal sealed class SvgCanvas(int width, int height)
{
    private readonly StringBuilder _body = new();

    /// <summary>Colours for data, in order; told apart by the colour-blind too (after Okabe and Ito).</summary>
    public static IReadOnlyList<string> Palette { get; } =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#a6761d", "#66a61e", "#e7298a", "#7f7f7f", "#1b9e77"];

    /// <summary>Text at a point.</summary>
    public void Text(double x, double y, string text, string anchor = "start", int size = 12, string? style = null) =>
        Add($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{size}\" text-anchor=\"{anchor}\" class=\"{style ?? "ink"}\">{Escape(text)}</text>");

    /// <summary>A thin line of the frame or the grid.</summary>
    public void Rule(double x1, double y1, double x2, double y2) => Add($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" class=\"rule\"/>");

    /// <summary>A line of data.</summary>
    public void Line(double x1, double y1, double x2, double y2, string color, double thickness = 2) =>
        Add($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{color}\" stroke-width=\"{N(thickness)}\"/>");

    /// <summary>A curve through points.</summary>
    public void Curve(IEnumerable<(double X, double Y)> points, string color, bool isDashed = false) =>
        Add($"<polyline points=\"{string.Join(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"))}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{(isDashed ? " stroke-dasharray=\"5 4\"" : string.Empty)}/>");

    /// <summary>A filled box, with a title that shows on hover.</summary>
    public void Box(double x, double y, double w, double h, string color, double opacity = 1, string? title = null) =>
        Add($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\" fill=\"{color}\" fill-opacity=\"{N(opacity)}\">{(title is null ? string.Empty : $"<title>{Escape(title)}</title>")}</rect>");

    /// <summary>The document.</summary>
    public override string ToString() =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">\n"
        + "<style>.ink{fill:#24292f}.soft{fill:#57606a}.rule{stroke:#afb8c1;stroke-width:1}@media(prefers-color-scheme:dark){.ink{fill:#e6edf3}.soft{fill:#8b949e}.rule{stroke:#484f58}}</style>\n"
        + _body
        + "</svg>\n";

    private static string N(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private void Add(string element) => _body.Append(element).Append('\n');
}
