using System.Globalization;
using System.Net;
using System.Text;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A night as one HTML page that needs nothing else: what became of the dreams, the memories as a drawing, and the story of every dream. All text is escaped, there is
/// no script, and the page forbids itself to load anything.
/// </summary>
public static class DreamPage
{
    private const double Radius = 300;
    private const string Kept = "#197a3d";
    private const string Refused = "#b3261e";

    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
        + "svg{width:100%;max-width:44rem;overflow:visible}svg text{font-size:14px}"
        + "details{border-top:1px solid #ddd;padding:.4rem 0}code{white-space:pre-wrap}"
        + "td,th{text-align:left;padding:.1rem 1rem .1rem 0;vertical-align:top}";

    private static readonly string[] _colours = ["#3366aa", "#b8652a", "#7a4fa3", "#2a8c8c", "#8c6d1f", "#a33f6d", "#5b7f2b", "#555555"];

    /// <summary>Writes the page.</summary>
    /// <param name="title">What the night was of.</param>
    /// <param name="graph">The memories.</param>
    /// <param name="report">The dreams over them.</param>
    public static string Of(string title, MemoryGraph graph, DreamReport report)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(report);
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.Append(Markup($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>{Text(title)}</title>"));
        page.Append(Markup($"<style>{Style}</style></head><body>\n<h1>{Text(title)}</h1>\n"));
        Summary(page, report);
        Drawing(page, graph, report);
        foreach (var dream in report.Dreams)
        {
            Story(page, graph, dream);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Summary(StringBuilder page, DreamReport report)
    {
        var variety = report.Distinct2 is { } distinct ? Markup($"; distinct-2 of their prompts is {distinct:0.00}") : "";
        page.Append(Markup($"<p>{report.Dreams.Count} dreams, {report.Kept} are learnt from{variety}.</p>\n<table>"));
        foreach (var (outcome, count) in report.Outcomes)
        {
            page.Append(Markup($"<tr><td>{outcome}</td><td>{count}</td></tr>"));
        }

        page.Append("</table>\n");
    }

    // Memories on a circle, those of a skill side by side; a line for every edge and, in colour, for every collision.
    private static void Drawing(StringBuilder page, MemoryGraph graph, DreamReport report)
    {
        var places = Enumerable.Range(0, graph.Nodes.Count).Select(node => Place(node, graph.Nodes.Count, Radius)).ToList();
        page.Append("<svg viewBox=\"-380 -340 760 680\" role=\"img\"><title>Memories and collisions</title>\n");
        foreach (var (from, to, weight) in graph.Edges)
        {
            Line(page, places[from], places[to], "#888", 0.4 * Math.Clamp(weight, 0, 1));
        }

        foreach (var dream in report.Dreams.Where(dream => dream.Prompt is not null).OrderBy(dream => dream.IsKept))
        {
            foreach (var (one, other) in dream.Collision.Zip(dream.Collision.Skip(1)))
            {
                Line(page, places[one], places[other], dream.IsKept ? Kept : Refused, dream.IsKept ? 0.9 : 0.25);
            }
        }

        Memories(page, graph, report, places);
        page.Append(Markup($"</svg>\n<p>A point is a memory, larger the more often it was met, with a black edge for an episode. Grey lines join what belongs together; <span style=\"color:{Kept}\">green</span> is a collision that is learnt from, <span style=\"color:{Refused}\">red</span> one that is not.</p>\n"));
    }

    private static void Memories(StringBuilder page, MemoryGraph graph, DreamReport report, List<(double X, double Y)> places)
    {
        var met = report.Dreams.SelectMany(dream => dream.Walk).CountBy(node => node).ToDictionary();
        foreach (var (number, (skill, members)) in graph.Nodes.Index().GroupBy(pair => pair.Item.Skill, pair => pair.Index).Select(group => (group.Key, group.ToList())).Index())
        {
            var colour = _colours[number % _colours.Length];
            foreach (var node in members)
            {
                var (memory, count) = (graph.Nodes[node], met.GetValueOrDefault(node));
                page.Append(Markup($"<circle cx=\"{places[node].X:0.0}\" cy=\"{places[node].Y:0.0}\" r=\"{2 + Math.Sqrt(count):0.0}\" fill=\"{colour}\"{(memory.Episode is null ? "" : " stroke=\"#000\"")}>"));
                page.Append(Markup($"<title>{Text(skill)}: {Text(Named(memory, memory.Sample.Text))}\nuncertainty {memory.Uncertainty:0.000} nats per token, strength {memory.Strength:0.00}, recency {memory.Recency:0.00}, met {count} times</title></circle>\n"));
            }

            var (x, y) = Place(members[members.Count / 2], graph.Nodes.Count, Radius + 20);
            page.Append(Markup($"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{(x < 0 ? "end" : "start")}\" fill=\"{colour}\">{Text(skill)}</text>\n"));
        }
    }

    private static void Story(StringBuilder page, MemoryGraph graph, Dream dream)
    {
        page.Append(Markup($"<details><summary>{dream.Number + 1}. {dream.Outcome}{(dream.Prompt is { } prompt ? $": <code>{Text(prompt)}</code>" : "")}</summary>\n"));
        page.Append(Markup($"<p>The walk met {string.Join(" → ", dream.Walk.Select(Memory))}. What collided is {string.Join(" with ", dream.Collision.Select(Memory))}.</p>\n"));
        if (dream.Reason is { } reason)
        {
            page.Append(Markup($"<p>Refused: {Text(reason)}.</p>\n"));
        }

        page.Append("<table>");
        foreach (var candidate in dream.Candidates)
        {
            page.Append(Markup($"<tr><td>{(candidate.Text is not null && candidate.Text == dream.Answer ? "chosen" : "")}</td><td>{(candidate.Text is { } text ? $"<code>{Text(text)}</code>" : "did not come to an end")}</td>"));
            page.Append(Markup($"<td>{(candidate.LogProbability is { } drawn ? Markup($"{drawn:0.00} nats") : "")}</td></tr>\n"));
        }

        foreach (var (critic, verdict) in dream.Verdicts)
        {
            page.Append(Markup($"<tr><th>{Text(critic)}</th><td>{verdict.Score:0.000}</td><td>{Text(verdict.Note ?? "")}</td></tr>\n"));
        }

        page.Append("</table></details>\n");

        string Memory(int node) => $"<code>{Text(Named(graph.Nodes[node], graph.Nodes[node].Sample.Question))}</code>";
    }

    private static string Named(MemoryNode node, string text) => node.Episode is { } episode ? $"episode {episode}" : text;

    private static void Line(StringBuilder page, (double X, double Y) from, (double X, double Y) to, string colour, double opacity) =>
        page.Append(Markup($"<line x1=\"{from.X:0.0}\" y1=\"{from.Y:0.0}\" x2=\"{to.X:0.0}\" y2=\"{to.Y:0.0}\" stroke=\"{colour}\" stroke-opacity=\"{opacity:0.00}\"/>\n"));

    private static (double X, double Y) Place(int node, int count, double radius)
    {
        var angle = Math.Tau * node / count;
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Markup(FormattableString markup) => markup.ToString(CultureInfo.InvariantCulture);
}
