using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>One forward pass from file to file, to compare with other implementations.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Adapter">The adapter's folder, or null.</param>
/// <param name="Input">A safetensors file with <c>input_ids</c>.</param>
/// <param name="Output">The safetensors file to write <c>logits</c> to.</param>
/// <param name="ActiveFrom">First position of an Activated adapter that has no invocation tokens.</param>
/// <param name="Compute">Device and dtype.</param>
internal sealed record LogitsOptions(string Model, string? Adapter, string Input, string Output, int? ActiveFrom, ComputePlace Compute);

/// <summary><c>dylora logits</c>.</summary>
internal static class LogitsCommand
{
    private const string IdsName = "input_ids";

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var adapter = SharedOptions.Adapter();
        var input = OptionOf.Text("--input", "FILE", "A safetensors file with 'input_ids', (batch, tokens), as float32, int32 or int64.", required: true);
        var output = OptionOf.Text("--output", "FILE", "The safetensors file to write: 'logits', (batch, tokens, vocabulary), float32.", required: true);
        var from = OptionOf.Whole("--active-from", "N", "First position on which an Activated adapter without invocation tokens acts.", 0);
        var compute = new ComputeOptions();
        return new Verb("logits", "Run a model once over token ids from a file and write the logits to a file.")
        {
            Details = "An adapter acts on every position; an Activated one (aLoRA) from the last occurrence of its invocation tokens in each row, "
                + "and not at all in rows without them.",
            Examples =
            [
                "dylora logits --model models/dylora-tiny --input ids.safetensors --output logits.safetensors",
                "dylora logits --model llama --adapter llama/adapter --input ids.safetensors --output logits.safetensors --dtype bfloat16",
            ],
        }.With([model, adapter, input, output, from, .. compute.All]).Runs(parsed => Run(new LogitsOptions(
            parsed.GetValue(model)!,
            parsed.GetValue(adapter),
            parsed.GetValue(input)!,
            parsed.GetValue(output)!,
            parsed.GetValue(from),
            compute.Apply(parsed, parsed.GetValue(model)))));
    }

    private static int Run(LogitsOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var ids = ReadIds(options.Input);                                                                   // (B, T)
        using var model = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        RefuseForeignIds(options.Input, ids, model.Config.VocabularySize);
        using var adapter = options.Adapter is { } folder ? PeftFolder.Load(folder, model) : null;
        var delta = adapter is null ? null : new AdapterDelta(adapter, Active(adapter.Config, ids, options)?.to(model.Device));
        var logits = model.Logits(ids.to(model.Device), new ForwardOptions { Delta = delta });              // (B, T, V)
        SafetensorsWriter.Write(options.Output, [KeyValuePair.Create("logits", logits.to_type(ScalarType.Float32))]);
        Console.Error.WriteLine($"Wrote logits ({string.Join(", ", logits.shape)}) to {options.Output}.");
        return ExitCode.Done;
    }

    private static Tensor ReadIds(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var stored = file.Read(IdsName);
        if (stored.dim() != 2 || stored.shape[0] == 0 || stored.shape[1] == 0)
        {
            throw new SafetensorsException(path, $"'{IdsName}' has shape [{string.Join(", ", stored.shape)}], expected (batch, tokens) with at least one token");
        }

        var ids = stored.to_type(ScalarType.Int64);
        if (stored.is_floating_point() && ids.to_type(stored.dtype).ne(stored).any().item<bool>())
        {
            throw new SafetensorsException(path, $"'{IdsName}' holds values that are not whole numbers, expected token ids");
        }

        return ids;
    }

    private static void RefuseForeignIds(string path, Tensor ids, int vocabulary)
    {
        var (least, largest) = (ids.min().item<long>(), ids.max().item<long>());
        if (least < 0 || largest >= vocabulary)
        {
            throw new SafetensorsException(path, $"'{IdsName}' holds ids from {least} to {largest}, the model knows 0 to {vocabulary - 1}");
        }
    }

    /// <summary>True where the adapter acts, (B, T); null for everywhere.</summary>
    private static Tensor? Active(LoraConfig config, Tensor ids, LogitsOptions options)
    {
        if (config.Mode == AdapterMode.Full)
        {
            return null;
        }

        var (rows, tokens) = (ids.shape[0], ids.shape[1]);
        if (config.InvocationTokens is not { Count: > 0 } invocation)
        {
            var start = options.ActiveFrom
                ?? throw new UsageException($"The adapter {options.Adapter} is Activated and has no invocation tokens: say with --active-from N from which position on it acts.");
            return InvocationPoint.Mask([.. Enumerable.Repeat(start, (int)rows)], tokens);
        }

        var pattern = invocation.ToArray();
        var starts = ids.to_type(ScalarType.Int32).data<int>().ToArray().Chunk((int)tokens).Select(row => InvocationPoint.Find(row, pattern));
        return InvocationPoint.Mask([.. starts], tokens);
    }
}
