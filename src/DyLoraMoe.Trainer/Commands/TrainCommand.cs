using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>One expert on one backbone.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Out">The folder of the result.</param>
/// <param name="Data">What to learn from.</param>
/// <param name="DropDuplicates">Leave out samples that nearly repeat another.</param>
/// <param name="Mix">What is mixed into the data.</param>
/// <param name="HeldOutPercent">Share that is not learnt from.</param>
/// <param name="Adapter">Size and reach of the expert, without invocation tokens.</param>
/// <param name="Invocation">Text in every prompt that invokes the expert, or null.</param>
/// <param name="Training">What decides the result.</param>
/// <param name="Run">How the run is watched and saved.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Device and dtype.</param>
internal sealed record TrainOptions(
    string Model,
    string Out,
    DataChoice Data,
    bool DropDuplicates,
    MixChoice Mix,
    int HeldOutPercent,
    LoraConfig Adapter,
    string? Invocation,
    TrainingOptions Training,
    RunChoice Run,
    bool Json,
    ComputePlace Compute);

/// <summary><c>dylora train</c>.</summary>
internal static class TrainCommand
{
    private const int DefaultHeldOutPercent = 10;

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var output = OptionOf.Text("--out", "DIR", "The folder to write: the expert in PEFT layout, report.json and log.jsonl.", required: true);
        var data = new DataOptions();
        var drop = SharedOptions.DropDuplicates();
        var mix = new MixOptions();
        var heldOut = OptionOf.Whole("--held-out", "PERCENT", $"Share of the samples that is measured and not learnt. [default: {DefaultHeldOutPercent}]", 0, 50);
        var adapter = new AdapterOptions();
        var recipe = new RecipeOptions();
        var run = new RunOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("train", "Train one expert (a LoRA adapter) on a frozen backbone.")
        {
            Details = "Training has two phases with absolute rates: seeding at a high rate until held-out data stop gaining or its steps are used up, then consolidation at a "
                + "low rate. The weights of the best evaluation are kept. Ctrl-C and SIGTERM write a checkpoint and end with 130 and 143; the same command goes on from there. "
                + "An activated expert acts from the last prompt token on, so the prompt's cache is the backbone's own; a full one acts on every position.",
            Examples =
            [
                "dylora train --model models/dylora-tiny --data reverse.jsonl --out experts/reverse",
                @"dylora train --model llama --data gsm8k.jsonl --template 'Question: {question}\nAnswer:' --output-field answer --mode full --rank 16 --steps 1000 --out experts/gsm8k",
            ],
        }.With([model, output, .. data.All, drop, .. mix.All, heldOut, .. adapter.All, .. recipe.All, .. run.All, json, .. compute.All]).Runs(parsed =>
        {
            var (choice, mixed, folder) = (data.Of(parsed), mix.Of(parsed), parsed.GetValue(output)!);
            var (lora, invocation) = adapter.Of(parsed);
            var training = recipe.Of(parsed, choice.Loss);
            var on = compute.Apply(parsed, parsed.GetValue(model));
            return Run(new TrainOptions(
                parsed.GetValue(model)!,
                folder,
                choice,
                parsed.GetValue(drop),
                mixed,
                parsed.GetValue(heldOut) ?? DefaultHeldOutPercent,
                lora,
                invocation,
                recipe.Within(parsed, training, parsed.GetValue(model)!) with { Backbone = on.DataType },
                run.Of(parsed, folder),
                parsed.GetValue(json),
                on));
        });
    }

    private static int Run(TrainOptions options)
    {
        var set = TrainSet.Read(options, TextTokenizer.Load(options.Model));
        using var backbone = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        using var adapter = LoraAdapter.Create(backbone, set.Adapter, options.Training.Seed);
        Console.Error.WriteLine(
            $"{Report.Count(set.Samples)} samples, {Report.Count(adapter.Parameters.Sum(parameter => parameter.numel()))} trainable values on {adapter.Layers.Count} layers.");
        var diversity = DiversityOf(set.Learnt, backbone);
        using var held = options.Run.Hold();
        SupervisedRun.Execute(
            options.Run,
            settings => TrainingRun.OfExpert(backbone, adapter, set.Data, options.Training, settings),
            report =>
            {
                PeftFolder.Save(options.Out, adapter, options.Model);
                var document = new
                {
                    Backbone = options.Model,
                    Dataset = set.Digest,
                    DroppedDuplicates = set.Dropped,
                    options.Mix,
                    options.HeldOutPercent,
                    Diversity = diversity,
                    adapter.Config.Mode,
                    adapter.Config.Rank,
                    Training = report,
                    options.Training.Seed,
                };
                AtomicFile.WriteText(Path.Combine(options.Out, "report.json"), JsonText.Of(document));
                Print(options, diversity, report);
            });
        return ExitCode.Done;
    }

    private static DiversityReport DiversityOf(IReadOnlyList<TokenizedSample> samples, CausalLanguageModel backbone)
    {
        using var features = new FeatureExtractor(backbone);
        return DataDiversity.Of(samples, prompts => features.Of(prompts), Console.Error.WriteLine);
    }

    private static void Print(TrainOptions options, DiversityReport diversity, TrainingReport report) => new Report()
        .Add("expert", options.Out)
        .Add("outcome", report.Outcome.ToString().ToLowerInvariant())
        .Add("steps", report.Steps)
        .Add("seeding_steps", report.SeedingSteps)
        .Add("tokens", report.Tokens, Report.Count(report.Tokens))
        .Add("tokens_per_second", Math.Round(report.TokensPerSecond), Report.Count((long)report.TokensPerSecond))
        .Add("backbone_loss", report.BaselineLoss, Nats(report.BaselineLoss))
        .Add("expert_loss", report.FinalLoss, Nats(report.FinalLoss))
        .Add("gain", report.Gain, Nats(report.Gain))
        .Add("best_step", report.BestStep)
        .AddDiversity(diversity)
        .WriteTo(Console.Out, options.Json);

    private static string Nats(double? value) => value is { } known ? $"{Table.Number(known, 4)} nats/token" : "not measured";
}
