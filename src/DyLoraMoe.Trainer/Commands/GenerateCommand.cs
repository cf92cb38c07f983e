using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>Continues prompts.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Adapter">The expert's folder, or null.</param>
/// <param name="Prompt">The prompt, or null.</param>
/// <param name="PromptsFile">A file of prompts, or null.</param>
/// <param name="Chat">Put prompts into the model's chat template.</param>
/// <param name="System">System message of a chat.</param>
/// <param name="Batch">Prompts at once.</param>
/// <param name="Json">Print JSON lines.</param>
/// <param name="Generation">How tokens are chosen.</param>
/// <param name="Compute">Device and dtype.</param>
internal sealed record GenerateOptions(
    string Model,
    string? Adapter,
    string? Prompt,
    string? PromptsFile,
    bool Chat,
    string? System,
    int Batch,
    bool Json,
    GenerationOptions Generation,
    ComputePlace Compute);

/// <summary><c>dylora generate</c>.</summary>
internal static class GenerateCommand
{
    private const int DefaultBatch = 16;
    private const string PromptField = "prompt";

    private static readonly string[] _withFields = [".jsonl", ".ndjson", ".json", ".csv", ".tsv"];

    // The weights of a row that uses the only adapter there is.
    private static readonly float[] _alone = [1];

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var adapter = SharedOptions.Adapter();
        var prompt = OptionOf.Text("--prompt", "TEXT", "The prompt. [default: all of standard input]");
        var file = OptionOf.Text("--prompts-file", "FILE", $"Many prompts: the field '{PromptField}' of a .jsonl, .ndjson, .json, .csv or .tsv, or of any other file the lines; also with .gz.");
        var chat = OptionOf.Flag("--chat", "Put the prompt into the model's chat template as what the user says.");
        var system = OptionOf.Text("--system", "TEXT", "With --chat: the system message.");
        var batch = OptionOf.Whole("--batch", "N", $"Prompts of a file that run at once. [default: {DefaultBatch}]", 1, 4096);
        var json = OptionOf.Flag("--json", "Print a JSON line per prompt, with the reason why it ended.");
        var sampling = new SamplingOptions();
        var compute = new ComputeOptions();
        return new Verb("generate", "Continue a prompt, or many, with a backbone and optionally an expert.")
        {
            Details = "The text of a single prompt is written as it is made. A file of prompts gives a JSON line for each, in the order of the file: index, prompt, text, tokens, finish_reason.",
            Examples =
            [
                "dylora generate --model models/dylora-tiny --prompt 'Anna has a red' --max-tokens 40",
                @"dylora generate --model models/dylora-tiny --adapter experts/reverse --prompt 'Reverse: a b c ->' --stop '\n'",
                "dylora generate --model models/dylora-tiny --prompts-file prompts.txt --temperature 0.8 --top-p 0.95 --seed 7",
            ],
        }.With([model, adapter, prompt, file, chat, system, batch, json, .. sampling.All, .. compute.All]).Runs(parsed =>
        {
            if (parsed.GetValue(prompt) is not null && parsed.GetValue(file) is not null)
            {
                throw new UsageException("Give either --prompt or --prompts-file.");
            }

            if (parsed.GetValue(system) is not null && !parsed.GetValue(chat))
            {
                throw new UsageException("--system needs --chat.");
            }

            return Run(new GenerateOptions(
                parsed.GetValue(model)!,
                parsed.GetValue(adapter),
                parsed.GetValue(prompt),
                parsed.GetValue(file),
                parsed.GetValue(chat),
                parsed.GetValue(system),
                parsed.GetValue(batch) ?? DefaultBatch,
                parsed.GetValue(json),
                sampling.Of(parsed, parsed.GetValue(model)!),
                compute.Apply(parsed, parsed.GetValue(model))));
        });
    }

    private static int Run(GenerateOptions options)
    {
        var prompts = Prompts(options);
        var tokenizer = TextTokenizer.Load(options.Model);
        using var model = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        using var adapter = options.Adapter is { } folder ? PeftFolder.Load(folder, model) : null;
        using var bank = adapter is null ? null : new AdapterBank([adapter]);
        var generator = new TextGenerator(model, tokenizer);
        var isStreaming = options.PromptsFile is null && !options.Json;
        foreach (var batch in prompts.Index().Chunk(options.Batch))
        {
            var results = generator.Generate(
                [.. batch.Select(entry => Ids(entry.Item, tokenizer, options))],
                options.Generation,
                bank is null ? null : new GenerationAdapters(bank, [.. Enumerable.Repeat(_alone, batch.Length)]),
                isStreaming ? (_, text) => Console.Write(text) : null);
            foreach (var ((index, prompt), result) in isStreaming ? [] : batch.Zip(results))
            {
                Console.WriteLine(JsonText.Line(new { index, prompt, result.Text, Tokens = result.Ids.Count, result.FinishReason }));
            }
        }

        if (isStreaming)
        {
            Console.WriteLine();
        }

        return ExitCode.Done;
    }

    private static int[] Ids(string prompt, TextTokenizer tokenizer, GenerateOptions options)
    {
        if (options.Chat)
        {
            var user = new ChatMessage("user", prompt);
            return tokenizer.EncodeChat(options.System is { } system ? [new ChatMessage("system", system), user] : [user]);
        }

        // A model needs a token to start from; what ends one text begins the next.
        var ids = tokenizer.Encode(prompt);
        return ids.Length > 0 ? ids : [tokenizer.BosId ?? tokenizer.EosId ?? 0];
    }

    private static List<string> Prompts(GenerateOptions options)
    {
        if (options.PromptsFile is not { } path)
        {
            return [options.Prompt ?? Console.In.ReadToEnd()];
        }

        var plainName = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        var reader = new DatasetReader(_withFields.Contains(Path.GetExtension(plainName), StringComparer.OrdinalIgnoreCase)
            ? new DatasetOptions { TextField = PromptField }
            : new DatasetOptions { Format = DatasetFormat.PlainText, TextSplit = TextSplit.Lines });
        List<string> prompts = [.. reader.Read(path).Select(sample => sample.Text)];
        return prompts.Count > 0 ? prompts : throw new DatasetException(path, 0, "at least one prompt", "none");
    }
}
