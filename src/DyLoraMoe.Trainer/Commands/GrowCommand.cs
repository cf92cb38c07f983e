using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>A larger backbone that computes the same.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Out">The folder to write.</param>
/// <param name="Plan">How it grows.</param>
/// <param name="File">The same as a plan file.</param>
/// <param name="Prompts">Texts to compare logits on, besides random tokens.</param>
/// <param name="Adapters">Experts to carry over.</param>
/// <param name="StoredType">Element type of the result; null for the model's own.</param>
/// <param name="Tolerance">Most by which logits may differ, as a share of the largest.</param>
/// <param name="Json">Print JSON.</param>
internal sealed record GrowOptions(
    string Model, string? Out, GrowthPlan Plan, GrowthPlanFile File, string[] Prompts, string[] Adapters, ScalarType? StoredType, double Tolerance, bool Json);

/// <summary><c>dylora grow</c>.</summary>
internal static class GrowCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var output = OptionOf.Text("--out", "DIR", "The folder to write; must not exist. [default: print the plan and stop]");
        var growth = new GrowthOptions();
        var adapters = OptionOf.Texts("--adapter", "DIR", "An expert to carry over, written under DIR/adapters. May be given several times.");
        var prompts = OptionOf.Texts("--prompt", "TEXT", "A text to compare logits on, besides random tokens. May be given several times.");
        var type = StoredType.Option("the model's own, float32 where that would round");
        var tolerance = OptionOf.Number("--tolerance", "SHARE", "Most by which logits may differ, as a share of the largest one. [default: 1e-5]", 0, 1);
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("grow", "Make a larger backbone that computes exactly what the smaller one does, and can learn more.")
        {
            Details = "New weights start where they change nothing: what writes into the residual stream is zero, what reads it random, and what a size shows up in is made up for. "
                + "The result is an ordinary folder in Hugging Face layout. It is written aside, read back, compared with the model and renamed; if the logits differ, exit code 3 and no folder. "
                + "Adapters are carried over exactly. docs/reference/grow.md describes the plan file.",
            Examples =
            [
                "dylora grow --model models/dylora-tiny --hidden 256 --insert-layers 2,4",
                "dylora grow --model models/dylora-tiny --out models/larger --insert-layers 4 --feed-forward 640 --heads 9",
                "dylora grow --model llama --out llama-grown --plan plan.json --adapter experts/reverse --adapter experts/sql",
            ],
        }.With([model, output, .. growth.All, adapters, prompts, type, tolerance, json, .. compute.Place]).Runs(parsed =>
        {
            var folder = parsed.GetValue(model)!;
            ModelFolder.Check(folder);
            var (plan, file) = growth.Of(parsed, ModelConfigFile.Read(folder));
            var options = new GrowOptions(
                folder,
                parsed.GetValue(output),
                plan,
                file,
                parsed.GetValue(prompts)!,
                parsed.GetValue(adapters)!,
                parsed.GetValue(type),
                parsed.GetValue(tolerance) ?? GrownFolderOptions.UsualTolerance,
                parsed.GetValue(json));
            if (options.Out is null)
            {
                Print(options, report: null);
                return ExitCode.Done;
            }

            return Run(options, compute.Apply(parsed, model: null).Device);
        });
    }

    private static int Run(GrowOptions options, Device device)
    {
        var report = Grow(options, device);
        if (report.Refused is { } reason)
        {
            Console.Error.WriteLine($"dylora grow: {reason}; nothing was written.{(report.StoredType == ScalarType.Float32 ? "" : " Try --stored-as float32.")}");
            return ExitCode.Refused;
        }

        Print(options, report);
        return ExitCode.Done;
    }

    private static GrownFolderReport Grow(GrowOptions options, Device device)
    {
        try
        {
            return GrownFolder.Write(options.Model, options.Plan, options.Out!, new GrownFolderOptions
            {
                Seed = options.File.Seed!.Value,
                StoredType = options.StoredType,
                Tolerance = options.Tolerance,
                Device = device,
                Prompts = [.. Prompts(options)],
                Adapters = options.Adapters,
                Record = GrowthRecord.Of(options.Plan, options.File, BackboneDigest.Of(options.Model), BackboneDescriptions.AsBefore(options.Model)),
            });
        }
        catch (GrowthRefusedException refusal)
        {
            throw new UsageException($"The model cannot grow like this: {refusal.Message}.");
        }
    }

    private static IEnumerable<int[]> Prompts(GrowOptions options)
    {
        foreach (var prompt in ComparedPrompts.Of(options.Plan.Before, options.File.Seed!.Value))
        {
            yield return prompt;
        }

        if (options.Prompts.Length == 0)
        {
            yield break;
        }

        var tokenizer = TextTokenizer.Load(options.Model);
        foreach (var text in options.Prompts)
        {
            var ids = tokenizer.Encode(text).ToArray();
            yield return ids.Length > 0 ? ids : throw new UsageException("--prompt is empty; leave it out.");
        }
    }

    private static void Print(GrowOptions options, GrownFolderReport? report)
    {
        if (!options.Json)
        {
            var table = new Table("operator", "new weights", "learn at once", "after a step", "not without noise");
            foreach (var step in options.Plan.Steps)
            {
                table.Add(
                    step.Description,
                    Report.Count(step.NewParameters),
                    Report.Count(step.NewParametersWith(GradientArrival.AtOnce)),
                    Report.Count(step.NewParametersWith(GradientArrival.AfterOneStep)),
                    Report.Count(step.NewParametersWith(GradientArrival.Never)));
            }

            table.WriteTo(Console.Out);
            foreach (var note in options.Plan.Steps.Select(step => step.Note).OfType<string>().Distinct())
            {
                Console.Out.WriteLine(note);
            }

            Console.Out.WriteLine();
        }

        var lines = new Report();
        if (options.Json)
        {
            lines.Add("steps", new JsonArray([.. options.Plan.Steps.Select(StepOf)]));
        }

        lines
            .Add("parameters_before", options.Plan.ParametersBefore, Report.Count(options.Plan.ParametersBefore))
            .Add("parameters_after", options.Plan.ParametersAfter, Report.Count(options.Plan.ParametersAfter))
            .Add("exact", options.Plan.IsExact)
            .Add("steps_until_all_learn", options.Plan.StepsToLife);
        if (report is not null)
        {
            AddMeasures(lines, options, report);
        }

        lines.WriteTo(Console.Out, options.Json);
    }

    private static void AddMeasures(Report lines, GrowOptions options, GrownFolderReport report)
    {
        lines
            .Add("stored_as", ScalarTypeName.Of(report.StoredType))
            .Add("largest_logit", Math.Round(report.Measures[0].LargestLogit, 4))
            .Add("largest_difference", report.Measures[0].Difference, Small(report.Measures[0].Difference));
        foreach (var measure in report.Measures.Skip(1))
        {
            lines.Add($"difference_with_{measure.Name}", measure.Difference, Small(measure.Difference));
        }

        lines.Add("backbone", options.Out);
    }

    private static JsonNode StepOf(GrowthStep step) => new JsonObject
    {
        ["operator"] = step.Description,
        ["new_weights"] = step.NewParameters,
        ["learn_at_once"] = step.NewParametersWith(GradientArrival.AtOnce),
        ["learn_after_a_step"] = step.NewParametersWith(GradientArrival.AfterOneStep),
        ["learn_not_without_noise"] = step.NewParametersWith(GradientArrival.Never),
        ["note"] = step.Note,
    };

    private static string Small(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
