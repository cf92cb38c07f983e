using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data.Mixing;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth.Copies;
using DyLoraMoe.Trainer.Growth.Infinite;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora infinite</c>: an expert that takes the rank it needs, or a model that takes the sizes it needs.</summary>
internal static class InfiniteCommand
{
    private const int DefaultHeldOutPercent = 10;
    private const string RecordFile = "infinite.json";
    private const string PlotFile = "infinite.svg";

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var output = OptionOf.Text("--out", "DIR", "The folder to write, which must not exist: the expert in PEFT layout or the model in Hugging Face layout, infinite.json, infinite.svg and log.jsonl.", required: true);
        var forces = new ForceOptions();
        var data = new DataOptions();
        var drop = SharedOptions.DropDuplicates();
        var heldOut = OptionOf.Whole("--held-out", "PERCENT", $"Share of the samples that is measured and not learnt. [default: {DefaultHeldOutPercent}]", 0, 50);
        var adapter = new AdapterOptions();
        var recipe = new RecipeOptions();
        var run = new RunOptions("OUT.unfinished");
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("infinite", "Train an expert whose rank, or a model whose sizes find themselves.")
        {
            Details = "Formally there are infinitely many units; all but those within a movable boundary do nothing. The boundary moves out where training presses, and in where gravity "
                + "wins; what the data do not hold loses its mass and is left out. --rank, or the model's own sizes, are where it starts. The result is an ordinary expert or model. "
                + "Ctrl-C and SIGTERM write a checkpoint and end with 130 and 143; the same command goes on from there.",
            Examples =
            [
                "dylora infinite --model models/dylora-tiny --data reverse.jsonl --rank 2 --out experts/reverse",
                "dylora infinite --model models/dylora-tiny --axis feed-forward,depth --gravity 0.05 --data notes.txt --loss everything --steps 2000 --out models/as-needed",
            ],
        }.With([model, output, .. forces.All, .. data.All, drop, heldOut, .. adapter.All, .. recipe.All, .. run.All, json, .. compute.All]).Runs(parsed =>
        {
            var (choice, target) = (data.Of(parsed), parsed.GetValue(output)!);
            var (lora, invocation) = adapter.Of(parsed);
            var axes = forces.Of(parsed, axis => axis == UnitAxis.Rank ? lora.Rank : ModelConfigFile.Read(parsed.GetValue(model)!).UnitsOf(axis));
            AtomicFolder.RefuseExisting(target);
            var training = OfAnySize(recipe.Of(parsed, choice.Loss));
            var on = compute.Apply(parsed, parsed.GetValue(model));
            var options = new TrainOptions(
                parsed.GetValue(model)!,
                target,
                choice,
                parsed.GetValue(drop),
                new MixChoice(new MixPolicy(100, 0, 0), [], null, []),
                parsed.GetValue(heldOut) ?? DefaultHeldOutPercent,
                lora,
                invocation,
                recipe.Within(parsed, training, parsed.GetValue(model)!) with { Backbone = on.DataType },
                run.Of(parsed, CopyRun.WorkFolder(target)),
                parsed.GetValue(json),
                on);
            return axes.Axes[0].Axis == UnitAxis.Rank ? RunExpert(options, axes) : RunModel(options, axes);
        });
    }

    private static TrainingOptions OfAnySize(TrainingOptions training) => training is { Apollo: null, TaskDrift: null, Rollback: null, StepBudget: null }
        ? training with { KeepBest = false }
        : throw new UsageException("--optimizer apollo, --rollbacks, --task-drift and --step-budget cannot be combined with sizes that change: what they remember has a size. Leave them out.");

    private static int RunExpert(TrainOptions options, InfiniteOptions forces)
    {
        var set = TrainSet.Read(options, TextTokenizer.Load(options.Model));
        using var backbone = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        var start = LoraAdapter.Create(backbone, set.Adapter, options.Training.Seed);
        using var held = options.Run.Hold();
        SupervisedRun.Execute(
            options.Run,
            settings => InfiniteRun.OfExpert(backbone, start, set.Data, options.Training, forces, settings),
            (run, report) =>
            {
                using var found = run.Adapter!;
                Publish(options, forces, set, report, folder => PeftFolder.Save(folder, found, options.Model));
            });
        CopyRun.RemoveWork(options.Out);
        return ExitCode.Done;
    }

    private static int RunModel(TrainOptions options, InfiniteOptions forces)
    {
        var set = TrainSet.Read(options, TextTokenizer.Load(options.Model));
        var start = ModelFolder.Load(options.Model, ScalarType.Float32, options.Compute.Device);
        var type = start.Config.StoredType;
        using var held = options.Run.Hold();
        SupervisedRun.Execute(
            options.Run,
            settings => InfiniteRun.OfModel(start, set.Data, options.Training with { Backbone = ScalarType.Float32 }, forces, settings),
            (run, report) =>
            {
                using var found = run.Model!;
                CopyRun.Round(found, type);
                Publish(options, forces, set, report with { FinalLoss = run.Measure() }, folder =>
                {
                    ModelFolder.Save(folder, found, type);
                    CompanionFiles.Copy(options.Model, folder);
                });
            });
        CopyRun.RemoveWork(options.Out);
        return ExitCode.Done;
    }

    private static void Publish(TrainOptions options, InfiniteOptions forces, TrainSet set, InfiniteReport report, Action<string> save)
    {
        AtomicFolder.Write(options.Out, aside =>
        {
            save(aside);
            var document = new { options.Model, Dataset = set.Digest, options.HeldOutPercent, Forces = forces, Training = report, options.Training.Seed };
            AtomicFile.WriteText(Path.Combine(aside, RecordFile), JsonText.Of(document));
            AtomicFile.WriteText(Path.Combine(aside, PlotFile), InfinitePlot.Of(report.Trace));
            CopyRun.KeepLog(options.Run.LogFile, aside);
            return true;
        });
        var printed = new Report().Add("out", options.Out);
        foreach (var (axis, size) in report.Sizes)
        {
            printed.Add(InfinitePlot.Name(axis).Replace('-', '_'), size, Report.Count(size));
        }

        printed
            .Add("steps", report.Steps)
            .Add("tokens", report.Tokens, Report.Count(report.Tokens))
            .Add("loss_at_the_start", report.BaselineLoss, Nats(report.BaselineLoss))
            .Add("loss_within_the_boundary", report.BoundedLoss, Nats(report.BoundedLoss))
            .Add("loss_of_the_result", report.FinalLoss, Nats(report.FinalLoss))
            .WriteTo(Console.Out, options.Json);
    }

    private static string Nats(double? value) => value is { } known ? $"{Table.Number(known, 4)} nats/token" : "not measured";
}
