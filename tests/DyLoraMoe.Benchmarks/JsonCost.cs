using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>What it costs a step that answers are JSON objects: choosing the tokens of a full batch over a real vocabulary, without the model, whose scores are random here.</summary>
internal static class JsonCost
{
    private const int Batch = 16;
    private const int Tokens = 60;

    public static int Run(Settings settings)
    {
        var rounds = settings.Number("rounds", 5);
        var tokenizer = TextTokenizer.Load(SharedFiles.Shared("fixtures/gpt2"));
        var clock = Stopwatch.StartNew();
        var texts = AnswerTexts.Of(tokenizer, tokenizer.VocabularySize, tokenizer.EosIds.ToHashSet());
        var decoded = clock.Elapsed.TotalMilliseconds;
        var (any, json) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            any.AddRange(Steps(tokenizer, texts, round, isJson: false));
            json.AddRange(Steps(tokenizer, texts, round, isJson: true));
        }

        Console.WriteLine();
        Console.WriteLine($"| choosing the tokens of {Batch} rows out of {tokenizer.VocabularySize} | median of a step, ms | longest, ms |");
        Console.WriteLine("|---|---:|---:|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| any text | {Statistics.Median(any):0.0} | {any.Max():0.0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `json_object` | {Statistics.Median(json):0.0} | {json.Max():0.0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decoding the vocabulary, once for a set: {decoded:0} ms"));
        return 0;
    }

    private static List<double> Steps(TextTokenizer tokenizer, AnswerTexts texts, int seed, bool isJson)
    {
        var chooser = new TokenChooser(tokenizer.EosIds.ToHashSet(), texts);
        var rows = Enumerable.Range(0, Batch).Select(row => Row(tokenizer, seed, row, isJson)).ToList();
        var random = new Random(seed);
        List<double> steps = [];
        for (var step = 0; step < Tokens && rows.Count > 0; step++)
        {
            using var scores = tensor(Enumerable.Range(0, rows.Count * texts.Count).Select(_ => (float)(3 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))).ToArray(), [rows.Count, texts.Count]);
            var clock = Stopwatch.StartNew();
            chooser.Choose(scores, rows);
            steps.Add(clock.Elapsed.TotalMilliseconds * Batch / rows.Count);
            rows.RemoveAll(row => row.IsEnded);
        }

        return steps;
    }

    private static Sequence Row(TextTokenizer tokenizer, int seed, int row, bool isJson)
    {
        var settings = new SamplingSettings { Temperature = 1, TopP = 0.95, MaxTokens = Tokens, Seed = seed, IsJsonObject = isJson, IgnoresEnd = true };
        var request = new GenerationRequest([1], settings, ExpertChoice.Backbone) { Answer = row };
        return new Sequence(row, request, "bench", tokenizer.CreateDecoder(startOfText: false), Channel.CreateUnbounded<SequenceEvent>().Writer, 0);
    }
}
