using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Continual.Reporting;

namespace DyLoraMoe.Benchmarks.Decision;

/// <summary>How well answers are learnt, by what is trained on: the arms of context-frozen training and an activated expert, for every skill and several sizes of backbone.</summary>
internal static class DecisionComparison
{
    public static int Run(Settings settings)
    {
        var (runs, tokens) = (settings.Number("runs", 5), settings.Number("tokens", 28_000));
        var all = new DecisionRuns(settings.Text("out", "artifacts/bench-decision"), tokens);
        var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # What an expert learns from: the answer's loss

            Written by `make bench-decision`, which goes on from what is there. One LoRA expert of rank 8 on all linear layers for each skill, by itself, on {tokens:N0} tokens, prompts included; AdamW, ten steps of warm-up and a cosine to a tenth. {runs} paired runs, each with its own samples; means of nats per answer token on 100 samples that nothing was trained on ± half of the 95 % interval (Student's t). Rates are chosen for each arm and backbone, of four from 3e-3 to 2.4e-2, on three skills of a run of its own. [Decision 19](../decisions/0019-contexts-are-constants-of-one-step-or-of-a-frozen-backbone.md) says what the arms are; what they cost is on [another page](context.md).

            The smaller backbones are copies of the built-in one that `dylora shrink` made and taught on texts that it makes up.


            """));
        foreach (var folder in settings.Text("models", "models/dylora-tiny").Split(','))
        {
            using var model = DecisionModel.Load(folder);
            page.Append(Section(all, model, runs));
        }

        AtomicFile.WriteText(settings.Text("report", "artifacts/bench-decision/decision.md"), page.ToString().TrimEnd() + "\n");
        Console.Write(page);
        return 0;
    }

    private static string Section(DecisionRuns all, DecisionModel model, int runs)
    {
        var rates = DecisionArm.All.ToDictionary(arm => arm, arm => all.Rate(model, arm));
        var losses = DecisionArm.All.ToDictionary(arm => arm, arm => DecisionRuns.Skills.Select(skill =>
            Enumerable.Range(1, runs).Select(run => all.Loss(model, arm, rates[arm], run, skill)).ToArray()).ToArray());
        var table = new MarkdownTable(["skill", .. DecisionArm.All.Select(arm => arm.Title)]);
        foreach (var (at, skill) in DecisionRuns.Skills.Index())
        {
            table.Add([skill, .. DecisionArm.All.Select(arm => Figure.Of(MeanInterval.Of(losses[arm][at]), 3))]);
        }

        double[] Means(DecisionArm arm) => [.. Enumerable.Range(0, runs).Select(run => losses[arm].Average(skill => skill[run]))];
        var own = Means(DecisionArm.Activated);
        table.Add(["*mean over the skills*", .. DecisionArm.All.Select(arm => Figure.Of(MeanInterval.Of(Means(arm)), 3))]);
        table.Add(["*activated, less this*", .. DecisionArm.All.Select(arm => arm == DecisionArm.Activated ? "" : Figure.Of(MeanInterval.OfPairs(own, Means(arm)), 3))]);
        table.Add(["*rate*", .. DecisionArm.All.Select(arm => rates[arm].ToString("0.0e-0", CultureInfo.InvariantCulture))]);
        return string.Create(CultureInfo.InvariantCulture, $"## {model.Name}: {model.Parameters:N0} parameters\n\n{table}");
    }
}
