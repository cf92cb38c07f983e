using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Pretraining;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>A backbone from scratch.</summary>
/// <param name="Config">What to make.</param>
/// <param name="Out">The folder of the result.</param>
/// <param name="Run">How the run is watched and saved.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Device and threads.</param>
internal sealed record PretrainOptions(BackboneConfig Config, string Out, RunChoice Run, bool Json, ComputePlace Compute);

/// <summary><c>dylora pretrain</c>.</summary>
internal static class PretrainCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var config = OptionOf.Text("--config", "FILE", "The configuration as JSON; the options below override it. [default: a model of 1M parameters]");
        var output = OptionOf.Text("--out", "DIR", "The folder to write: model, tokenizer, card and config.", required: true);
        var shape = new BackboneOptions();
        var print = OptionOf.Flag("--print-config", "Print the whole configuration, defaults included, and stop.");
        var run = new RunOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("pretrain", "Make a small Llama from scratch, with a vocabulary of its own, on the built-in corpus or on text files.")
        {
            Details = "Training is in float32 with AdamW (or --optimizer), one warm-up and a cosine. The folder is in Hugging Face layout with a card that says what the model saw and how good it is. "
                + "Ctrl-C and SIGTERM write a checkpoint and end with 130 and 143; the same command goes on from there.",
            Examples =
            [
                "dylora pretrain --config eng/backbone.json --out models/dylora-tiny",
                "dylora pretrain --data shakespeare.txt --layers 4 --hidden 128 --heads 4 --steps 2000 --out models/shakespeare",
                "dylora pretrain --out x --print-config > my-backbone.json",
            ],
        }.With([config, output, .. shape.All, print, .. run.All, json, .. compute.All]).Runs(parsed =>
        {
            var (file, folder) = (parsed.GetValue(config), parsed.GetValue(output)!);
            var wanted = shape.Override(file is null ? new BackboneConfig() : JsonText.Read<BackboneConfig>(file), parsed);
            wanted.Validate();
            if (parsed.GetValue(print))
            {
                Console.Write(JsonText.Of(wanted));
                return ExitCode.Done;
            }

            return Run(new PretrainOptions(wanted, folder, run.Of(parsed, folder), parsed.GetValue(json), compute.Apply(parsed, model: null)));
        });
    }

    private static int Run(PretrainOptions options)
    {
        var (report, families) = new BackboneBuild(options.Config, options.Out).Make(options.Run, options.Compute);
        AtomicFile.WriteText(Path.Combine(options.Out, "pretrain.json"), JsonText.Of(options.Config));
        var losses = new JsonObject(families.Select(family => KeyValuePair.Create(family.Family, (JsonNode?)family.Report.Loss)));
        new Report()
            .Add("backbone", options.Out)
            .Add("steps", report.Steps)
            .Add("tokens", report.Tokens, Report.Count(report.Tokens))
            .Add("tokens_per_second", Math.Round(report.TokensPerSecond), Report.Count((long)report.TokensPerSecond))
            .Add("seconds", Math.Round(report.TrainingSeconds))
            .Add("held_out_loss", report.FinalLoss, report.FinalLoss is { } loss ? $"{Table.Number(loss, 4)} nats/token" : "not measured")
            .Add("loss_by_family", losses, string.Join(", ", families.Select(family => $"{family.Family} {Table.Number(family.Report.Loss, 3)}")))
            .WriteTo(Console.Out, options.Json);
        return ExitCode.Done;
    }
}
