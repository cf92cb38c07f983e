using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>How well a backbone, and an expert on it, predict data.</summary>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Adapter">The expert's folder, or null.</param>
/// <param name="Data">The data.</param>
/// <param name="HeldOutPercent">Measure only the share that training with this percentage holds out; 0 for all.</param>
/// <param name="Context">Most tokens of a sample.</param>
/// <param name="Exact">Let the prompts be answered, too.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Device and dtype.</param>
internal sealed record EvaluateOptions(string Model, string? Adapter, DataChoice Data, int HeldOutPercent, int Context, bool Exact, bool Json, ComputePlace Compute);

/// <summary><c>dylora evaluate</c>.</summary>
internal static class EvaluateCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var model = SharedOptions.Model();
        var adapter = SharedOptions.Adapter();
        var data = new DataOptions();
        var heldOut = OptionOf.Whole("--held-out", "PERCENT", "Measure only what train with this --held-out, and for long texts this --context, does not learn from. [default: everything]", 0, 50);
        var context = SharedOptions.Context();
        var exact = OptionOf.Flag("--exact", "Let every prompt be answered, and count the answers that are exactly right.");
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("evaluate", "Measure nats per token and perplexity of a backbone, and of an expert on it, on a data set.")
        {
            Details = "The fewer nats per token, the better; perplexity is their exponential. With an adapter both are measured: the bare backbone and the backbone "
                + "with the expert. The split into learnt and held-out samples depends on their content alone, so it is the same here as in train. --exact takes the likeliest token at each step; white space around an answer does not count. Where one line is right, the first line of what is said counts; where several are, all of it.",
            Examples =
            [
                "dylora evaluate --model models/dylora-tiny --data notes.txt",
                "dylora evaluate --model models/dylora-tiny --adapter experts/reverse --data reverse.jsonl --held-out 10 --exact --json",
            ],
        }.With([model, adapter, .. data.All, heldOut, context, exact, json, .. compute.All]).Runs(parsed =>
        {
            var (choice, folder) = (data.Of(parsed), parsed.GetValue(model)!);
            var on = compute.Apply(parsed, folder);
            return Run(new EvaluateOptions(
                folder,
                parsed.GetValue(adapter),
                choice,
                parsed.GetValue(heldOut) ?? 0,
                SharedOptions.ContextOf(parsed.GetValue(context), folder),
                parsed.GetValue(exact),
                parsed.GetValue(json),
                on));
        });
    }

    private static int Run(EvaluateOptions options)
    {
        var tokenizer = TextTokenizer.Load(options.Model);
        var dataset = options.Data.Read(Console.Error.WriteLine);
        if (options.Exact && dataset.Samples.Count(sample => sample.IsPlainText) is > 0 and var texts)
        {
            throw new InvalidDataException($"--exact needs prompts with answers, but {texts} of {dataset.Samples.Count} samples are plain texts, which have none. Leave --exact out, or name the fields with --input-field and --output-field.");
        }

        IReadOnlyList<Sample> chosen = options.HeldOutPercent == 0 ? dataset.Samples : new HeldOutSplit(options.HeldOutPercent).Apply(TextPieces.CutForContext(dataset.Samples, options.Context)).HeldOut;
        var tokens = new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions { MaxTokens = options.Context + 1, Loss = options.Data.Loss });
        var measured = chosen.SelectMany(sample => tokens.Tokenize(sample).Select(ids => (Sample: sample, Tokens: ids))).ToList();
        var samples = measured.ConvertAll(each => each.Tokens);
        if (options.Exact && measured.Exists(each => each.Tokens.AnswerStart == 0))
        {
            throw new InvalidDataException("--exact lets prompts be answered, but one of them has no token: it is empty, and the tokenizer begins no text with a token of its own. Give every sample a prompt, or leave --exact out.");
        }

        DataNotes.SayCut(Console.Error.WriteLine, options.Context, tokens.Report.PromptsCut, tokens.Report.AnswersCut);
        if (samples.Count == 0)
        {
            throw new InvalidDataException($"There is nothing to measure: {dataset.Samples.Count} samples were read, {chosen.Count} of them are to be measured, and none has a token to predict.");
        }

        using var model = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        using var adapter = options.Adapter is { } folder ? PeftFolder.Load(folder, model) : null;
        var evaluator = new LanguageModelEvaluator(model);
        var generator = new TextGenerator(model, tokenizer);
        var rows = new List<Measured> { new("backbone", evaluator.Evaluate(EvaluationSet.OfSamples(samples)), Exact(null)) };
        if (adapter is not null)
        {
            using var bank = new AdapterBank([adapter]);
            rows.Add(new("with expert", evaluator.Evaluate(EvaluationSet.OfSamples(new Invocation(adapter.Config).Of(samples)), adapter), Exact(bank)));
        }

        Print(rows, dataset.Digest, options.Json);
        return ExitCode.Done;

        double? Exact(AdapterBank? bank) => options.Exact ? ExactRate(generator, measured, bank) : null;
    }

    // Apart, so that nobody generates as much for an answer of one line as for the longest of several. None ends at a line feed, since one may come before the answer.
    private static double ExactRate(TextGenerator generator, List<(Sample Sample, TokenizedSample Tokens)> asked, AdapterBank? bank)
    {
        var right = asked.GroupBy(each => IsOneLine(each.Sample)).Sum(group => ExactMatchEvaluator
            .Of(generator, [.. group.Select(each => each.Tokens)], bank, stop: [])
            .Evaluate([.. group.Select(each => each.Sample)], IsRight)
            .Correct.Count(isRight => isRight));
        return (double)right / asked.Count;
    }

    private static bool IsOneLine(Sample sample) => !sample.Answer.AsSpan().Trim().Contains('\n');

    private static bool IsRight(Sample sample, string output) =>
        IsOneLine(sample) ? SkillSamples.IsCorrect(sample, output.Trim()) : output.AsSpan().Trim().SequenceEqual(sample.Answer.AsSpan().Trim());

    private static void Print(List<Measured> rows, string digest, bool asJson)
    {
        if (asJson)
        {
            var report = new Report().Add("dataset", digest);
            foreach (var (name, result, exact) in rows)
            {
                var figures = new JsonObject
                {
                    ["samples"] = result.Samples.Count,
                    ["tokens"] = result.Tokens,
                    ["nats_per_token"] = result.Loss,
                    ["perplexity"] = result.Perplexity,
                };
                if (exact is { } share)
                {
                    figures["exact"] = share;
                }

                report.Add(name.Replace(' ', '_'), figures);
            }

            Console.WriteLine(report.ToJson());
            return;
        }

        var hasExact = rows[0].Exact is not null;
        var table = new Table(["", "samples", "tokens", "nats/token", "perplexity", .. hasExact ? ["exact"] : Array.Empty<string>()]);
        foreach (var (name, result, exact) in rows)
        {
            table.Add([
                name, Report.Count(result.Samples.Count), Report.Count(result.Tokens), Table.Number(result.Loss, 4), Table.Number(result.Perplexity, 3),
                .. exact is { } share ? [Table.Number(share, 3)] : Array.Empty<string>()]);
        }

        table.WriteTo(Console.Out);
    }

    private sealed record Measured(string Name, EvaluationReport Report, double? Exact);
}
