using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Growth.Infinite;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>The page: tables, pictures and what follows from them.</summary>
/// <param name="preset">How large the comparison was.</param>
/// <param name="trials">Every student.</param>
/// <param name="cost">What the forces cost.</param>
internal sealed class InfiniteReport(InfinitePreset preset, IReadOnlyList<InfiniteTrial> trials, InfiniteCost cost)
{
    private const double Asked = 0.8;
    private const double MostCost = 0.05;

    /// <summary>Writes the page and its pictures.</summary>
    /// <param name="page">The Markdown file; pictures go into a folder of its name beside it.</param>
    public void Write(string page)
    {
        var name = Path.GetFileNameWithoutExtension(page);
        var pictures = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(page))!, name);
        Directory.CreateDirectory(pictures);
        foreach (var axis in Axes)
        {
            AtomicFile.WriteText(Path.Combine(pictures, $"{InfinitePlot.Name(axis)}-pareto.svg"), ParetoPlot.Of(axis, Fixed(axis), [.. Free(axis).Where(trial => trial.Gravity == InfinitePreset.UsualGravity(axis))]));
            foreach (var (word, start) in new[] { ("below", InfinitePreset.Below(axis)), ("above", InfinitePreset.Above(axis)) })
            {
                if (Shown(axis, start) is { } shown)
                {
                    AtomicFile.WriteText(Path.Combine(pictures, $"{InfinitePlot.Name(axis)}-from-{word}.svg"), InfinitePlot.Of(shown.Trace));
                }
            }
        }

        AtomicFile.WriteText(page, Page(name));
    }

    private string Page(string name)
    {
        var page = new StringBuilder();
        var shape = InfinitePreset.Shape(UnitAxis.Rank);
        page.Append(CultureInfo.InvariantCulture, $"""
            # Formally infinite networks

            Written by `make bench-infinite`, which goes on from the runs that are there. {(preset.Name == "full" ? "" : "**The quick form: its figures say nothing.** ")}What is measured is described in [the reference](../reference/infinite.md).

            A teacher is a random Llama of width {shape.HiddenSize}, with {InfinitePreset.TeacherSize(UnitAxis.FeedForward)} feed-forward neurons in its one layer, or with {InfinitePreset.TeacherSize(UnitAxis.Depth)} layers, or with an expert of rank {InfinitePreset.TeacherSize(UnitAxis.Rank)}. A student learns what it predicts about random tokens, {InfinitePreset.Rows(UnitAxis.Rank)} rows of {preset.Context} a step for a rank and {InfinitePreset.Rows(UnitAxis.Depth)} for others, {preset.Steps(UnitAxis.Rank):N0} steps. It begins below the teacher's size or above it, with units that read at random and write nothing; all its other weights are the teacher's at the start, the first {InfinitePreset.KnownLayers} layers of a student of depth among them, and train along (those of experts' backbones do not). Nothing tells it the size. Width is that of the feed-forward layer here, its number of neurons: the width of the residual stream and the number of heads were not tried for recovery. Recovered means within a fifth of the teacher's size; {Asked:0%} of the runs were asked for.

            Rates ({Of(InfinitePreset.Rate)}) and the lasso ({Of(InfinitePreset.Lasso)}) and gravities were chosen by trials with seeds 1 and 2, and for depth with 11 to 14 too, where a gravity of 0.1 found 3 of 5 layers in each of five runs. Seeds from {InfinitePreset.FirstSeed(UnitAxis.Rank)} on, and from {InfinitePreset.FirstSeed(UnitAxis.Depth)} on for depth, are reported and were not looked at before. What a strength of pull finds depends on the task, as the strength of any penalty does: it says how steady a gradient is worth a unit.

            ## Recovery

            Sizes by seed, five seeds at each of three strengths of gravity; a shorter list means that the runs that are missing have not been made.


            """);
        page.Append(Recovery()).Append(Verdict()).Append("\n\n");
        page.Append("## Against fixed sizes\n\n");
        page.Append(CultureInfo.InvariantCulture, $"A fixed size trains for as many steps as cost what the students at the middle gravity cost with the same seed, where a token passes each weight twice, and a third time if it trains. Divergence is KL(teacher || student) in nats per token on tokens that none has seen, the geometric mean over seeds.\n\n");
        page.Append(Pareto());
        page.Append("Pulls go on to the end, so that what is found fits worse than a network of the same size without them: find the size, then train it.\n\n");
        foreach (var axis in Axes)
        {
            page.Append(CultureInfo.InvariantCulture, $"![{InfinitePlot.Name(axis)}: divergence against size]({name}/{InfinitePlot.Name(axis)}-pareto.svg)\n\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            ## Cost

            On a Llama of width 192 with four layers and 512 neurons, {cost.Tokens} tokens a step, with boundaries on neurons (64 of them in the ramp) and layers: a plain step takes {1000 * cost.Plain.Min():0.0} ms, one with boundaries, gravity and a review every 20 steps {1000 * cost.Bounded.Min():0.0} ms, {cost.Share:+0.0%;-0.0%} (the fastest of {cost.Plain.Count} rounds each; all rounds: {Rounds(cost.Plain)} and {Rounds(cost.Bounded)} ms). At most {MostCost:0%} was asked for: {(cost.Share <= MostCost ? "met" : "not met")}.

            ## Over time

            The middle gravity, the first seed.


            """);
        foreach (var axis in Axes)
        {
            foreach (var (word, start) in new[] { ("below", InfinitePreset.Below(axis)), ("above", InfinitePreset.Above(axis)) })
            {
                if (Shown(axis, start) is { } shown)
                {
                    page.Append(CultureInfo.InvariantCulture, $"{InfinitePlot.Name(axis)} from {start} to {shown.Found}, the teacher has {InfinitePreset.TeacherSize(axis)}:\n\n![from {word}]({name}/{InfinitePlot.Name(axis)}-from-{word}.svg)\n\n");
                }
            }
        }

        return page.ToString().TrimEnd() + "\n";
    }

    private MarkdownTable Recovery()
    {
        var table = new MarkdownTable("teacher", "gravity", "from", "found", "recovered", "divergence", "seconds a run");
        foreach (var group in trials.Where(trial => trial.Gravity is not null).GroupBy(trial => (trial.Axis, trial.Gravity, trial.Start)))
        {
            List<InfiniteTrial> runs = [.. group.OrderBy(trial => trial.Seed)];
            table.Add(
                $"{InfinitePlot.Name(group.Key.Axis)} {InfinitePreset.TeacherSize(group.Key.Axis)}",
                group.Key.Gravity!.Value.ToString(CultureInfo.InvariantCulture),
                $"{group.Key.Start}",
                string.Join(", ", runs.Select(run => run.Found)),
                $"{runs.Count(run => run.IsRecovered)} of {runs.Count}",
                Scientific(Geometric(runs)),
                Figure.Of(runs.Average(run => run.Seconds), 0));
        }

        return table;
    }

    private string Verdict() => string.Join('\n', Axes.Select(axis =>
    {
        var runs = Free(axis);
        var share = runs.Count(run => run.IsRecovered) / (double)runs.Count;
        return string.Create(CultureInfo.InvariantCulture, $"- {InfinitePlot.Name(axis)}: {runs.Count(run => run.IsRecovered)} of {runs.Count} runs ({share:0%}) within a fifth of the teacher's size: {(share >= Asked ? "met" : "not met")}.");
    }));

    private MarkdownTable Pareto()
    {
        var table = new MarkdownTable("axis", "size", "weights that train", "steps", "divergence");
        foreach (var axis in Axes)
        {
            foreach (var group in Fixed(axis).GroupBy(trial => trial.Start))
            {
                Add(axis, $"{group.Key}", [.. group]);
            }

            if (Free(axis).Where(trial => trial.Gravity == InfinitePreset.UsualGravity(axis)).ToList() is { Count: > 0 } found)
            {
                Add(axis, "found", found);
            }
        }

        return table;

        void Add(UnitAxis axis, string size, List<InfiniteTrial> runs) => table.Add(
            InfinitePlot.Name(axis), size, Figure.Count(runs.Average(run => run.WeightSteps / run.Steps)), Figure.Count(runs.Average(run => run.Steps)), Scientific(Geometric(runs)));
    }

    private static string Of(Func<UnitAxis, double> setting) =>
        string.Join(", ", InfinitePreset.Axes.Select(axis => FormattableString.Invariant($"{setting(axis)} for {InfinitePlot.Name(axis)}")));

    private InfiniteTrial? Shown(UnitAxis axis, int start) => Free(axis).FirstOrDefault(trial => trial.Gravity == InfinitePreset.UsualGravity(axis) && trial.Start == start);

    private IEnumerable<UnitAxis> Axes => trials.Select(trial => trial.Axis).Distinct();

    private List<InfiniteTrial> Free(UnitAxis axis) => [.. trials.Where(trial => trial.Axis == axis && trial.Gravity is not null)];

    private List<InfiniteTrial> Fixed(UnitAxis axis) => [.. trials.Where(trial => trial.Axis == axis && trial.Gravity is null)];

    private static double Geometric(List<InfiniteTrial> runs) => Math.Exp(runs.Average(run => Math.Log(Math.Max(1e-12, run.Divergence))));

    private static string Scientific(double value) => value.ToString("0.0e-0", CultureInfo.InvariantCulture);

    private static string Rounds(IReadOnlyList<double> seconds) => string.Join(", ", seconds.Select(each => (1000 * each).ToString("0.0", CultureInfo.InvariantCulture)));
}
