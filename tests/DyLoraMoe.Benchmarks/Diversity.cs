using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Benchmarks;

/// <summary>How diverse public data sets, the synthetic skills and data that were narrowed on purpose are: what the thresholds of the warnings rest on.</summary>
internal static class Diversity
{
    private const int Context = 256;

    public static int Run(Settings settings)
    {
        var folder = settings.Text("model", "models/dylora-tiny");
        var tokenizer = TextTokenizer.Load(folder);
        using var model = ModelFolder.Load(folder, TorchSharp.torch.float32);
        using var features = new FeatureExtractor(model);
        Console.WriteLine("| data | samples | distinct-1 | distinct-2 | distinct-3 | near duplicates | coverage | seconds | warnings |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, samples) in Sets(settings))
        {
            var tokens = new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions { MaxTokens = Context + 1 }).TokenizeAll(samples);
            Print(name, tokens, features);
        }

        return 0;
    }

    private static IEnumerable<(string Name, IReadOnlyList<Sample> Samples)> Sets(Settings settings)
    {
        if (settings.Text("data", "") is { Length: > 0 } data)
        {
            foreach (var file in new[] { "gsm8k.jsonl", "mbpp.jsonl", "codealpaca.json", "tinyshakespeare.txt" })
            {
                var read = Dataset.Load([Path.Combine(data, file)], new DatasetOptions()).Samples;
                yield return (file, [.. TextPieces.Cut(read, 8 * Context)]);
            }

            var questions = Dataset.Load([Path.Combine(data, "gsm8k.jsonl")], new DatasetOptions()).Samples;
            yield return ("gsm8k, 100 questions, each 10 times", [.. Enumerable.Repeat(questions.Take(100), 10).SelectMany(part => part)]);
            yield return ("gsm8k, 100 questions, 10 times with another number at the end", Numbered(questions));
            yield return ("gsm8k, one question with 1,000 numbers at its end", Numbered([.. Enumerable.Repeat(questions[0], 100)]));
        }

        foreach (var family in SkillCatalog.All)
        {
            yield return ($"skill {family.Name}", [.. SkillSamples.Generate(family, seed: 1, count: 500)]);
        }
    }

    private static List<Sample> Numbered(IReadOnlyList<Sample> samples) =>
        [.. Enumerable.Range(0, 1000).Select(i => samples[i % 100]).Select((sample, i) => Sample.Pair($"{sample.Prompt} ({i})", sample.Answer))];

    private static void Print(string name, IReadOnlyList<TokenizedSample> samples, FeatureExtractor features)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var report = DiversityGauge.Of(samples, prompts => features.Of(prompts));
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {report.Samples:N0} | {report.Distinct1:0.000} | {report.Distinct2:0.000} | {report.Distinct3:0.000} | {100 * report.NearDuplicates:0.0} % | {report.Coverage:0.00} | {clock.Elapsed.TotalSeconds:0.0} | {report.Warnings.Count} |"));
    }
}
