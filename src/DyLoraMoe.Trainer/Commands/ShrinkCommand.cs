using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth.Copies;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>A smaller copy of a backbone.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Out">The folder to write; null to measure alone.</param>
/// <param name="Sizes">The smaller sizes; not used with a share.</param>
/// <param name="Keep">Share of the parameters to keep; null for sizes.</param>
/// <param name="Teaching">Texts, and how the copy learns from the model.</param>
/// <param name="Run">How the run is watched and saved.</param>
/// <param name="StoredType">Element type of the result; null for the model's own.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Device.</param>
internal sealed record ShrinkVerbOptions(
    string Model, string? Out, ShrinkOptions Sizes, double? Keep, TeachingChoice Teaching, RunChoice Run, ScalarType? StoredType, bool Json, ComputePlace Compute);

/// <summary><c>dylora shrink</c>.</summary>
internal static class ShrinkCommand
{
    private const string RecordFile = "shrink.json";

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var output = OptionOf.Text("--out", "DIR", "The folder to write; must not exist. [default: print the table and stop]");
        var layers = OptionOf.Whole("--layers", "N", "Layers to keep.", 1, 1000);
        var feedForward = OptionOf.Whole("--feed-forward", "N", "Feed-forward width to keep, in every layer.", 1, 1 << 24);
        var heads = OptionOf.Whole("--heads", "N", "Query heads to keep, in every layer; they go with their key/value heads.", 1, 1 << 12);
        var hidden = OptionOf.Whole("--hidden", "N", "Width of the residual stream to keep.", 2, 1 << 20);
        var keep = OptionOf.Number("--keep", "SHARE", "Share of the parameters to keep, in place of sizes; depth and width are chosen by what the copy predicts before any training.", 0.01, 0.99);
        var teaching = new TeachingOptions(usualSteps: 0);
        var type = StoredType.Option("the model's own, float32 where that would round");
        var run = new RunOptions("OUT.unfinished");
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("shrink", "Make a smaller copy of a backbone out of its own most important parts, and teach it what the backbone computes.")
        {
            Details = "Layers are weighed by how far they turn the residual stream, neurons, heads and channels by what they send, on --data or on texts that the model makes up. "
                + "With --steps the copy then learns from the model itself. The folder appears whole or not at all. Ctrl-C and SIGTERM write a checkpoint and end with 130 and 143; "
                + "the same command goes on from there.",
            Examples =
            [
                "dylora shrink --model models/dylora-tiny --keep 0.5",
                "dylora shrink --model models/dylora-tiny --out models/half --keep 0.5 --data notes.txt --steps 500 --learn-from samples,data",
                "dylora shrink --model llama --out llama-shallow --layers 12 --feed-forward 4096",
            ],
        }.With([model, output, layers, feedForward, heads, hidden, keep, .. teaching.All, type, .. run.All, json, .. compute.Place]).Runs(parsed =>
        {
            var (folder, target) = (parsed.GetValue(model)!, parsed.GetValue(output));
            ModelFolder.Check(folder);
            var config = ModelConfigFile.Read(folder);
            var sizes = new ShrinkOptions
            {
                Layers = parsed.GetValue(layers),
                FeedForward = parsed.GetValue(feedForward),
                KeyValueHeads = KeyValueHeads(parsed.GetValue(heads), config),
                Hidden = parsed.GetValue(hidden),
            };
            var (share, choice) = (parsed.GetValue(keep), teaching.Of(parsed, config));
            Check(config, sizes, share, target, choice.Steps);
            var work = target is null ? "" : CopyRun.WorkFolder(target);
            return Run(new ShrinkVerbOptions(
                folder, target, sizes, share, choice, run.Of(parsed, work), parsed.GetValue(type), parsed.GetValue(json), compute.Apply(parsed, model: null)));
        });
    }

    // Before anything is drawn or written.
    private static void Check(ModelConfig config, ShrinkOptions sizes, double? share, string? target, int steps)
    {
        var hasSizes = sizes != new ShrinkOptions();
        if (hasSizes && share is not null)
        {
            throw new UsageException("--keep says how small the copy is; leave the sizes out.");
        }

        if (!hasSizes && share is null)
        {
            throw new UsageException("Nothing to shrink: name a size, or a share with --keep.");
        }

        if (target is null && steps > 0)
        {
            throw new UsageException("--steps needs a folder to write; name one with --out.");
        }

        try
        {
            ShrinkPlan.Require(config, sizes);
            if (share is not null)
            {
                ShrinkSearch.Shapes(config, Parameters(config, share.Value));
            }
        }
        catch (GrowthRefusedException refusal)
        {
            throw new UsageException($"The model cannot shrink like this: {refusal.Message}.");
        }

        if (target is not null)
        {
            AtomicFolder.RefuseExisting(target);
        }
    }

    private static long Parameters(ModelConfig config, double share) => (long)(share * GrowthPlan.Of(config).ParametersBefore);

    private static int? KeyValueHeads(int? heads, ModelConfig config)
    {
        var share = config.QueriesPerKeyValueHead;
        return heads % share is null or 0
            ? heads / share
            : throw new UsageException($"--heads is {heads}, expected a multiple of {share}: that many query heads share a key/value head.");
    }

    private static int Run(ShrinkVerbOptions options)
    {
        using var held = options.Teaching.Steps > 0 ? options.Run.Hold() : null;
        using var model = ModelFolder.Load(options.Model, device: options.Compute.Device);
        var texts = CopyRun.Prepare(options.Teaching, options.Model, model, options.Teaching.Steps > 0 ? options.Out : null);
        var plan = Plan(options, model, texts);
        using var copy = plan.Grow(model);
        var type = options.StoredType ?? GrownFolder.TypeFor(plan);
        CopyRun.Round(copy, type);
        var table = new CopyTable(model, texts.HeldOut);
        table.Add("model", model);
        table.Add("copy", copy);
        if (options.Teaching.Steps > 0)
        {
            var run = new CopyRun(options.Out!);
            run.Teach(copy, model, texts, options.Teaching, options.Run, report =>
            {
                CopyRun.Round(copy, type);
                table.Add("distilled", copy);
                run.Publish(copy, type, options.Model, RecordFile, Record(options, plan, table, report), options.Run.LogFile);
            });
        }
        else if (options.Out is not null)
        {
            new CopyRun(options.Out).Publish(copy, type, options.Model, RecordFile, Record(options, plan, table, report: null), log: null);
        }

        Print(options, plan, table, texts.IsReal, type);
        return ExitCode.Done;
    }

    private static GrowthPlan Plan(ShrinkVerbOptions options, CausalLanguageModel model, TeachingTexts texts)
    {
        var importance = UnitImportance.Of(model, texts.Looked);
        return options.Keep is { } share
            ? ShrinkSearch.Best(model, importance, Parameters(model.Config, share), texts.Looked).Plan
            : ShrinkPlan.Of(model.Config, importance, options.Sizes);
    }

    private static JsonObject Record(ShrinkVerbOptions options, GrowthPlan plan, CopyTable table, TrainingReport? report) => new()
    {
        ["from"] = BackboneDigest.Of(options.Model),
        ["sizes"] = plan.Steps[0].Description,
        ["layers"] = Layers(plan),
        ["measures"] = table.ToJson(),
        ["training"] = report is null ? null : JsonNode.Parse(JsonText.Of(report)),
    };

    private static JsonArray Layers(GrowthPlan plan) => new([.. (plan.Steps[0].Layers ?? [.. Enumerable.Range(0, plan.After.Layers)]).Select(layer => (JsonNode?)layer)]);

    private static void Print(ShrinkVerbOptions options, GrowthPlan plan, CopyTable table, bool isReal, ScalarType type) => table.Begin(Console.Out, options.Json, isReal)
        .Add("sizes", plan.Steps[0].Description)
        .Add("layers_kept", Layers(plan))
        .Add("parameters_before", plan.ParametersBefore, Report.Count(plan.ParametersBefore))
        .Add("parameters_after", plan.ParametersAfter, Report.Count(plan.ParametersAfter))
        .Add("stored_as", ScalarTypeName.Of(type))
        .Add("backbone", options.Out)
        .WriteTo(Console.Out, options.Json);
}
