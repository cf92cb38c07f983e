using System.CommandLine;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What is in a model folder or an adapter folder, and whether it is sound.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Json">Print JSON.</param>
internal sealed record InspectOptions(string Folder, bool Json);

/// <summary><c>dylora inspect DIR</c>.</summary>
internal static class InspectCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A backbone in Hugging Face layout, or a LoRA adapter in PEFT layout." };
        var json = SharedOptions.Json();
        return new Verb("inspect", "Say what a model folder or an adapter folder holds, and check that it is complete and sound.")
        {
            Details = "Of a model only the headers of its weight files are read, so that a large one takes no longer than a small one. "
                + "Of an adapter every value is read, and one that is not finite is an error.",
            Examples = ["dylora inspect models/dylora-tiny", "dylora inspect experts/reverse --json"],
        }.With(folder, json).Runs(parsed => Run(new InspectOptions(parsed.GetRequiredValue(folder), parsed.GetValue(json))));
    }

    private static int Run(InspectOptions options)
    {
        if (File.Exists(Path.Combine(options.Folder, PeftConfigFile.FileName)))
        {
            return Print(AdapterSummary.Read(options.Folder), options);
        }

        if (File.Exists(Path.Combine(options.Folder, ModelConfigFile.FileName)))
        {
            return Print(ModelSummary.Read(options.Folder), options);
        }

        throw new ModelFormatException(Directory.Exists(options.Folder)
            ? $"{options.Folder} holds neither {ModelConfigFile.FileName} (a model) nor {PeftConfigFile.FileName} (an adapter); name the folder that does."
            : $"{options.Folder} is not a folder; check the path.");
    }

    private static int Print(ModelSummary summary, InspectOptions options)
    {
        var config = summary.Config;
        new Report()
            .Add("kind", "model")
            .Add("family", config.Family.ToString().ToLowerInvariant())
            .Add("parameters", summary.Parameters, Report.Count(summary.Parameters))
            .Add("dtype", ScalarTypeName.Of(config.StoredType))
            .Add("layers", config.Layers)
            .Add("hidden_size", config.HiddenSize)
            .Add("feed_forward_size", config.IntermediateSize)
            .Add("heads", config.Heads)
            .Add("key_value_heads", config.KeyValueHeads)
            .Add("head_size", config.HeadSize)
            .Add("vocabulary", config.VocabularySize)
            .Add("context", config.MaxPositions)
            .Add("rope_theta", config.RopeTheta)
            .Add("rope_scaling", config.RopeScaling?.GetType().Name)
            .Add("sliding_window", config.SlidingWindow)
            .Add("head_tied", config.TieWordEmbeddings)
            .Add("bos_token", config.BosTokenId)
            .Add("eos_tokens", new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode?)id)]))
            .Add("adaptable_layers", summary.Layers)
            .WriteTo(Console.Out, options.Json);
        return ExitCode.Done;
    }

    private static int Print(AdapterSummary summary, InspectOptions options)
    {
        var config = summary.Config;
        var report = new Report()
            .Add("kind", "adapter")
            .Add("mode", config.Mode.ToString().ToLowerInvariant())
            .Add("rank", config.Rank)
            .Add("alpha", config.Alpha)
            .Add("rslora", config.UseRsLora)
            .Add("layers", summary.Layers)
            .Add("modules", summary.Modules)
            .Add("parameters", summary.Parameters, Report.Count(summary.Parameters))
            .Add("bytes", summary.Bytes, Report.Size(summary.Bytes))
            .Add("dtypes", summary.StoredTypes.Select(ScalarTypeName.Of))
            .Add("finite", summary.NotFinite.Count == 0);
        if (config.Mode == AdapterMode.Activated)
        {
            report.Add("invocation_tokens", new JsonArray([.. (config.InvocationTokens ?? []).Select(id => (JsonNode?)id)]));
        }

        report.WriteTo(Console.Out, options.Json);
        return summary.NotFinite.Count == 0
            ? ExitCode.Done
            : throw new ModelFormatException($"{options.Folder}: '{summary.NotFinite[0]}' and {summary.NotFinite.Count - 1} other tensors hold values that are not finite; the adapter is damaged or its training diverged.");
    }
}
