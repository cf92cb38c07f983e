using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Continual.Reporting;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>The page: tables, pictures and what follows from them.</summary>
/// <param name="preset">How large the comparison was.</param>
/// <param name="runs">Every run.</param>
internal sealed class GrowthReport(GrowthPreset preset, IReadOnlyList<GrowthRun> runs)
{
    /// <summary>Writes the page and its pictures.</summary>
    /// <param name="page">The Markdown file; pictures go into a folder of its name beside it.</param>
    public void Write(string page)
    {
        var name = Path.GetFileNameWithoutExtension(page);
        var pictures = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(page))!, name);
        Directory.CreateDirectory(pictures);
        var grown = Measured(GrowthArms.Larger).Where(arm => arm.Name != "large-scratch").Select(arm => (arm.Title, Of(arm.Name))).ToList();
        AtomicFile.WriteText(Path.Combine(pictures, "curves.svg"), Charts.Lines(
            "held-out nats per token against tokens of data since growth", [.. grown.Select(arm => (arm.Title, Mean(arm.Item2)))]));
        if (EqualWork() is { Count: > 0 } equal)
        {
            AtomicFile.WriteText(Path.Combine(pictures, "work.svg"), Charts.Lines("held-out nats per token against the work done, % of what each arm may do", equal));
        }

        if (HasSmaller)
        {
            AtomicFile.WriteText(Path.Combine(pictures, "half.svg"), Charts.Bars(
                "half of the parameters: held-out nats per token at the end", [.. Measured(GrowthArms.Smaller).Select(arm => (arm.Title, Interval(arm.Name, run => run.Final)))]));
        }

        AtomicFile.WriteText(page, Page(name));
    }

    private bool HasSmaller => Measured(GrowthArms.Smaller).Any();

    private string Page(string name)
    {
        var (page, small) = (new StringBuilder(), runs[0]);
        page.Append(CultureInfo.InvariantCulture, $"""
            # Growing and shrinking a backbone

            Written by `make bench-growth`, which goes on from the runs that are there. {(preset.Name == "full" ? "" : "**The quick form: its figures say nothing.** ")}Means over the seeds of an arm ± half of the 95 % interval (Student's t); differences are paired by seed, over the seeds that both arms have. Losses are nats per token of held-out text; divergence is KL from the small model on the same text.

            The small model has {small.ParametersBefore:N0} parameters ({preset.Layers} layers, width {preset.Hidden}, feed-forward {preset.FeedForward}) and learnt {preset.SmallSteps * preset.TokensPerStep:N0} tokens of Shakespeare, GSM8K, MBPP and CodeAlpaca. After that it predicts held-out text with {Figure.Of(Interval(GrowthArms.Exact, run => run.Before), 4)}. Every arm but two then reads {preset.Steps * preset.TokensPerStep:N0} tokens, at a highest rate of {preset.Rate / 3:0.####} where weights were trained before and {preset.Rate:0.####} where they were not, with an optimizer that begins anew. Rates are not tuned by arm, but for that of distillation in reverse: of four, from 3e-5 to 1e-3, on another backbone. Seconds are those of one or two threads beside other work.

            ## Growing

            {preset.Layers} layers become {preset.LayersAfter}, feed-forward {preset.FeedForward} becomes {preset.FeedForwardAfter}. Noise has {preset.Noise.ToString(CultureInfo.InvariantCulture)} of each weight's own deviation. Distillation in reverse reads {preset.ReverseSteps * preset.TokensPerStep:N0} tokens of texts that the small model makes up, at a highest rate of {preset.ReverseRate:0.#####}, and no data.


            """);
        page.Append(Larger()).Append(Verdict()).Append("\n\n").Append(CultureInfo.InvariantCulture, $"![Loss after growth]({name}/curves.svg)\n\n");
        page.Append(CultureInfo.InvariantCulture, $"""
            The large model from nothing and the small one that goes on had as much work in all as the small model and exact growth together: six operations a parameter and token, and those of attention. So their tokens differ from the others'.{Continued()}{(EqualWork().Count > 0 ? $"\n\n![Loss at equal work]({name}/work.svg)" : "")}

            """);
        if (HasSmaller)
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## Half of the parameters

                Depth and width of the copy are those of `dylora shrink --keep {preset.Keep.ToString(CultureInfo.InvariantCulture)}`, chosen by seed; those from nothing have the same shape. The last arm reads the teacher's tokens too.


                """);
            page.Append(Smaller()).Append(CultureInfo.InvariantCulture, $"![Half of the parameters]({name}/half.svg)\n");
        }

        return page.ToString();
    }

    private MarkdownTable Larger()
    {
        var table = new MarkdownTable("arm", "seeds", "parameters", "loss right after", "divergence", "after reverse distillation", "divergence", "final loss", "against exact growth", "tokens until as good as before", "seconds");
        foreach (var arm in Measured(GrowthArms.Larger))
        {
            var repaired = Of(arm.Name)[0].Repaired is not null;
            table.Add(
                arm.Title,
                Figure.Count(Of(arm.Name).Count),
                Figure.Count(Of(arm.Name)[0].Parameters),
                Figure.Of(Interval(arm.Name, run => run.Start), 4),
                Figure.Of(Interval(arm.Name, run => run.StartDivergence), 4),
                repaired ? Figure.Of(Interval(arm.Name, run => run.Repaired ?? double.NaN), 4) : "",
                repaired ? Figure.Of(Interval(arm.Name, run => run.RepairedDivergence ?? double.NaN), 4) : "",
                Figure.Of(Interval(arm.Name, run => run.Final), 4),
                arm.Name == GrowthArms.Exact ? "" : Figure.Of(Against(arm.Name, GrowthArms.Exact), 4),
                Recovered(arm.Name),
                Figure.Count(Interval(arm.Name, run => run.Seconds).Mean));
        }

        return table;
    }

    private MarkdownTable Smaller()
    {
        var table = new MarkdownTable("arm", "seeds", "parameters", "data tokens", "made-up tokens", "loss at the start", "final loss", "against nothing and data alone", "divergence from the teacher", "lost per million parameters saved", "seconds");
        foreach (var arm in Measured(GrowthArms.Smaller))
        {
            table.Add(
                arm.Title,
                Figure.Count(Of(arm.Name).Count),
                Figure.Count(Interval(arm.Name, run => run.Parameters).Mean),
                Figure.Count(Of(arm.Name)[0].DataTokens),
                Figure.Count(Of(arm.Name)[0].TeacherTokens),
                Figure.Of(Interval(arm.Name, run => run.Start), 4),
                Figure.Of(Interval(arm.Name, run => run.Final), 4),
                arm.Name == GrowthArms.Scratch ? "" : Figure.Of(Against(arm.Name, GrowthArms.Scratch), 4),
                Figure.Of(Interval(arm.Name, run => run.FinalDivergence), 4),
                Figure.Of(Interval(arm.Name, run => (run.Final - run.Before) * 1e6 / (run.ParametersBefore - run.Parameters)), 4),
                Figure.Count(Interval(arm.Name, run => run.Seconds).Mean));
        }

        return table;
    }

    // Stated before anything was measured: the seed's way must be at least as good at the end as exact growth, with the same data.
    private string Verdict()
    {
        if (Of(GrowthArms.Repaired).Count == 0)
        {
            return "Noise with distillation in reverse was not measured.";
        }

        var (difference, repaired) = (Against(GrowthArms.Repaired, GrowthArms.Exact), Interval(GrowthArms.Repaired, run => run.RepairedDivergence ?? double.NaN));
        var claim = !double.IsFinite(difference.HalfWidth) ? "cannot be told from one seed"
            : difference.High < 0 ? "is better than exact growth without noise"
            : difference.Low > 0 ? "is worse than exact growth without noise"
            : "is not told apart from exact growth without noise";
        return string.Create(CultureInfo.InvariantCulture, $"Noise with distillation in reverse, the third seed's way, {claim} (difference of the final loss {Figure.Of(difference, 4)}; below zero is better).{NoiseAlone()} Distillation leaves a divergence of {Figure.Of(repaired, 4)}; 0.001 was asked for.");
    }

    private string NoiseAlone()
    {
        var difference = Against("noise", GrowthArms.Exact);
        return double.IsFinite(difference.Mean) ? $" Noise alone makes a difference of {Figure.Of(difference, 4)}, without the further tokens that distillation reads." : "";
    }

    // Growth has to be worth its work beside a model that merely learns on.
    private string Continued()
    {
        if (Of(GrowthArms.Exact).Count == 0 || Of(GrowthArms.Continued).Count == 0)
        {
            return "";
        }

        var difference = Against(GrowthArms.Continued, GrowthArms.Exact);
        var claim = difference.Mean < 0 ? "below exact growth: at equal work, more tokens were worth more here than more weights" : "above exact growth";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{FromNothing()} The small one that goes on ends {Distance(difference)} {claim} ({Figure.Of(Interval(GrowthArms.Continued, run => run.Final), 4)} against {Figure.Of(Interval(GrowthArms.Exact, run => run.Final), 4)}).");
    }

    private string FromNothing()
    {
        var difference = Against("large-scratch", GrowthArms.Exact);
        return double.IsFinite(difference.Mean) ? $" The large one from nothing ends {Distance(difference)} {(difference.Mean < 0 ? "below" : "above")} exact growth." : "";
    }

    private static string Distance(MeanInterval difference) => Figure.Of(difference with { Mean = Math.Abs(difference.Mean) }, 3) + " nats per token";

    // Arms that did the same work in all: those that begin with the small model begin where its training ends.
    private List<(string Title, IReadOnlyList<(double X, double Y)> Points)> EqualWork()
    {
        if (Of(GrowthArms.Exact).Count == 0 || Of("large-scratch").Count == 0)
        {
            return [];
        }

        var small = 1 - ((double)Of(GrowthArms.Exact)[0].DataTokens / Of("large-scratch")[0].DataTokens);
        return [.. Measured(GrowthArms.Larger).Where(arm => arm.Name is GrowthArms.Exact or "large-scratch" or GrowthArms.Continued).Select(arm =>
        {
            var (points, begins) = (Mean(Of(arm.Name)), arm.Name == "large-scratch" ? 0 : small);
            return (arm.Title, (IReadOnlyList<(double, double)>)[.. points.Select(point => (100 * (begins + ((1 - begins) * point.X / points[^1].X)), point.Y))]);
        })];
    }

    private static IReadOnlyList<(double X, double Y)> Mean(IReadOnlyList<GrowthRun> runs) => [.. Enumerable.Range(0, runs.Min(run => run.Curve.Count))
        .Select(at => (runs.Average(run => (double)run.Curve[at].Tokens), runs.Average(run => run.Curve[at].ValidationLoss)))];

    private string Recovered(string arm)
    {
        var tokens = Of(arm).Select(run => run.Recovered).ToList();
        return tokens.TrueForAll(each => each is not null) ? Figure.Count(tokens.Average(each => (double)each!.Value)) : "never, or not in every run";
    }

    private IReadOnlyList<GrowthRun> Of(string arm) => [.. runs.Where(run => run.Arm == arm).OrderBy(run => run.Seed)];

    private MeanInterval Interval(string arm, Func<GrowthRun, double> figure) => MeanInterval.Of(Of(arm).Select(figure));

    // Over the seeds that both have.
    private MeanInterval Against(string arm, string other)
    {
        var pairs = Of(arm).Join(Of(other), run => run.Seed, run => run.Seed, (run, against) => (run.Final, Against: against.Final)).ToList();
        return MeanInterval.OfPairs([.. pairs.Select(pair => pair.Final)], [.. pairs.Select(pair => pair.Against)]);
    }

    private IEnumerable<GrowthArm> Measured(IEnumerable<GrowthArm> arms) => arms.Where(arm => Of(arm.Name).Count > 0);
}
