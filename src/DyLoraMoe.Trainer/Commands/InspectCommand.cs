using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What is in a model folder, an adapter folder or a data file, and whether it is sound.</summary>
/// <param name="Path">The folder or file.</param>
/// <param name="Json">Print JSON.</param>
internal sealed record InspectOptions(string Path, bool Json);

/// <summary><c>dylora inspect DIR</c>.</summary>
internal static class InspectCommand
{
    private static readonly string[] _tokenizerFiles = ["tokenizer.json", "tokenizer.model", "vocab.json"];

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A backbone in Hugging Face layout, a LoRA adapter in PEFT layout, or a data file." };
        var json = SharedOptions.Json();
        return new Verb("inspect", "Say what a model folder, an adapter folder or a data file holds, and check that it is complete and sound.")
        {
            Details = "Of a model only the headers of its weight files are read, so that a large one takes no longer than a small one. "
                + "Of an adapter every value is read, and one that is not finite is an error.",
            Examples = ["dylora inspect models/dylora-tiny", "dylora inspect experts/reverse --json", "dylora inspect reverse.jsonl"],
        }.With(folder, json).Runs(parsed => Run(new InspectOptions(parsed.GetRequiredValue(folder), parsed.GetValue(json))));
    }

    private static int Run(InspectOptions options)
    {
        if (File.Exists(options.Path))
        {
            return Print(Dataset.Load(options.Path, new DatasetOptions { BadRows = BadRowPolicy.Skip }), options);
        }

        if (File.Exists(Path.Combine(options.Path, PeftConfigFile.FileName)))
        {
            return Print(AdapterSummary.Read(options.Path), options);
        }

        if (File.Exists(Path.Combine(options.Path, ModelConfigFile.FileName)))
        {
            return Print(ModelSummary.Read(options.Path), options);
        }

        throw new ModelFormatException(Directory.Exists(options.Path)
            ? $"{options.Path} holds neither {ModelConfigFile.FileName} (a model) nor {PeftConfigFile.FileName} (an adapter); name the folder that does."
            : $"{options.Path} does not exist; check the path.");
    }

    private static int Print(ModelSummary summary, InspectOptions options)
    {
        var config = summary.Config;
        var report = new Report()
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
            .Add("adaptable_layers", summary.Layers);
        AddTokenizer(report, options.Path);
        report.WriteTo(Console.Out, options.Json);
        return ExitCode.Done;
    }

    private static void AddTokenizer(Report report, string folder)
    {
        if (!_tokenizerFiles.Any(name => File.Exists(Path.Combine(folder, name))))
        {
            report.Add("tokenizer", false);
            return;
        }

        var tokenizer = TextTokenizer.Load(folder);
        report
            .Add("tokenizer", true)
            .Add("tokenizer_vocabulary", tokenizer.VocabularySize)
            .Add("special_tokens", tokenizer.SpecialTokens.Count)
            .Add("begin_token", tokenizer.BosId is { } begin ? tokenizer.TokenText(begin) : null)
            .Add("end_tokens", tokenizer.EosIds.Select(id => tokenizer.TokenText(id) ?? id.ToString(CultureInfo.InvariantCulture)))
            .Add("chat_template", ChatTemplateOf(tokenizer));
    }

    private static string? ChatTemplateOf(TextTokenizer tokenizer)
    {
        try
        {
            return tokenizer.ChatTemplate.Name;
        }
        catch (NotSupportedException)
        {
            return tokenizer.ChatTemplateText is null ? null : "not supported";
        }
    }

    private static int Print(Dataset dataset, InspectOptions options)
    {
        var report = dataset.Report;
        new Report()
            .Add("kind", "data")
            .Add("rows", report.Rows, Report.Count(report.Rows))
            .Add("samples", report.Samples, Report.Count(report.Samples))
            .Add("plain_texts", dataset.Samples.Count(sample => sample.IsPlainText))
            .Add("chats", dataset.Samples.Count(sample => sample.Conversation is not null))
            .Add("characters", report.Characters, Report.Count(report.Characters))
            .Add("bad_rows", report.Skipped)
            .Add("digest", dataset.Digest)
            .Add("first_prompt", dataset.Samples.Count > 0 ? Shortened(dataset.Samples[0].Prompt) : null)
            .Add("first_answer", dataset.Samples.Count > 0 ? Shortened(dataset.Samples[0].Answer) : null)
            .WriteTo(Console.Out, options.Json);
        return report.Skipped == 0 ? ExitCode.Done : throw new InvalidDataException($"{report.Skipped} rows cannot be used, the first because: {report.FirstErrors[0]}");
    }

    private static string Shortened(string text)
    {
        var line = text.ReplaceLineEndings("\\n");
        return line.Length <= 100 ? line : line[..99] + "…";
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
            : throw new ModelFormatException($"{options.Path}: '{summary.NotFinite[0]}' and {summary.NotFinite.Count - 1} other tensors hold values that are not finite; the adapter is damaged or its training diverged.");
    }
}
