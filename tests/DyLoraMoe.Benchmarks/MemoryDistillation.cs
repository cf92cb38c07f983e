using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Ways to move the same episodes into an expert, with the same tokens for the student: key-value pairs that the backbone cannot know,
/// asked for in a notation of its corpus, while samples of a task that it knows are to stay as they are.
/// </summary>
internal static class MemoryDistillation
{
    private static readonly string[] _names = ["Ana", "Ben", "Cara", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jack", "Kim", "Leo", "Mia", "Ned", "Olga", "Paul", "Rosa", "Sam", "Tina", "Uma", "Vera", "Will", "Yara", "Zoe"];
    private static readonly string[] _values = ["dog", "cat", "cow", "horse", "red", "blue", "green", "yellow", "park", "house", "garden", "apple", "bread", "cake", "soup", "lamp"];

    private static readonly (string Name, DistillationWeights Weights, bool Replays)[] _arms =
    [
        ("next token on the memory's text", new() { Logits = 0, Hidden = 0, Loss = LossOn.Everything }, true),
        ("the answer's cross entropy", new() { Logits = 0, Hidden = 0 }, true),
        ("logits of the teacher in context", new() { Hidden = 0, Correction = 0, TrustByEvidence = false }, true),
        ("logits and hidden states", new() { Correction = 0, TrustByEvidence = false }, true),
        ("both, trusted by evidence, and the answer (the default)", new(), true),
        ("the default without replay", new(), false),
    ];

    public static int Run(Settings settings)
    {
        var folder = settings.Text("model", "models/dylora-tiny");
        var (steps, seeds) = (settings.Number("steps", 100), settings.Number("seeds", 5));
        var tokenizer = TextTokenizer.Load(folder);
        using var model = ModelFolder.Load(folder);
        var world = new World(model, tokenizer);
        var rows = _arms.Select(arm => (arm.Name, Runs: Enumerable.Range(1, seeds).Select(seed => world.Measure(arm.Weights, arm.Replays, steps, (ulong)seed)).ToList())).ToList();
        var page = Page(rows, steps, seeds);
        Console.Write(page);
        if (settings.Text("report", "") is { Length: > 0 } report)
        {
            File.WriteAllText(report, page);
        }

        return 0;
    }

    private static string Page(IReadOnlyList<(string Name, List<Result> Runs)> rows, int steps, int seeds)
    {
        var first = rows[0].Runs[0];
        var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Moving memories into weights

            `make bench-memory-distillation` measures this and writes the page. {first.Episodes} key-value pairs that nobody can know are asked for as in the backbone's own corpus (`Q: What is the code of Ana? A:`). One expert of rank 8 on `models/dylora-tiny` learns them in {steps} steps at one rate, each way with the same tokens; means over {seeds} seeds. The teacher is the same model with the pair before the question, twice.

            Recall is the share of pairs whose greedy answer, without context, is exactly right or likelier than 0.05 nats per token; before it is {first.Before:0%}, and by the teacher's own greedy answers it could be {rows[0].Runs.Average(run => run.InContext):0%}. Old is the change of the loss of a task of the corpus (additions that were not replayed), in nats per token; less is better.

            | what the expert learns from | recall | loss of the answers | old | student's tokens | teacher's tokens |
            |---|--:|--:|--:|--:|--:|

            """));
        foreach (var (name, runs) in rows)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {runs.Average(run => run.Recall):0%} | {runs.Average(run => run.Loss):0.000} | {runs.Average(run => run.Old):+0.000;-0.000} | {runs.Average(run => run.Tokens):N0} | {runs.Average(run => run.TeacherTokens):N0} |\n");
        }

        var best = rows.MaxBy(row => row.Runs.Average(run => run.Recall));
        page.Append(CultureInfo.InvariantCulture, $"\nMost is recalled after learning from: {best.Name}.");
        page.Append(CultureInfo.InvariantCulture, $" With this model the teacher itself knows {rows[0].Runs.Average(run => run.InContext):0%}, and an expert that only copies it cannot know more.\n");
        return page.ToString();
    }

    private sealed record Result(int Episodes, double Before, double InContext, double Recall, double Loss, double Old, double Tokens, double TeacherTokens);

    private sealed class World(CausalLanguageModel model, TextTokenizer tokenizer)
    {
        public Result Measure(DistillationWeights weights, bool replays, int steps, ulong seed)
        {
            var random = new SeededRandom(seed, SeededRandom.Key("memory benchmark"));
            Episode[] episodes = [.. _names.Select(name => EpisodeOf($"Q: What is the code of {name}? A:", random.Pick(_values)))];
            var old = EvaluationSet.OfSamples(Additions(random, 48));
            var replay = Additions(random, 96);
            using var expert = LoraAdapter.Create(model, new LoraConfig { Rank = 8, Alpha = 16, Mode = AdapterMode.Full }, (long)seed);
            var evaluator = new LanguageModelEvaluator(model);
            var before = evaluator.Evaluate(old).Loss;
            var options = new MemoryConsolidationOptions { Weights = weights, MaxSteps = steps, CheckEvery = steps, Seed = seed, Replay = replays ? 1 : 0 };
            var report = new MemoryConsolidation(model, tokenizer, options).Run(expert, episodes, replay);
            return new Result(
                episodes.Length,
                report.Episodes.Count(each => each.WasRecalled) / (double)episodes.Length,
                report.Episodes.Count(each => each.InContextRecalled) / (double)episodes.Length,
                report.Recall,
                report.Episodes.Average(each => each.After),
                evaluator.Evaluate(old, expert).Loss - before,
                report.Tokens,
                report.TeacherTokens);
        }

        private List<TokenizedSample> Additions(SeededRandom random, int count) => new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions()).TokenizeAll(
            Enumerable.Range(0, count).Select(_ => (Left: random.Next(90), Right: random.Next(90))).Select(pair => Sample.Pair($"Add: {pair.Left} {pair.Right} ->", $" {pair.Left + pair.Right}")));

        private static Episode EpisodeOf(string prompt, string answer) => new()
        {
            Id = Episode.IdOf("", null, prompt),
            Prompt = prompt,
            Answer = answer,
            Origin = EpisodeOrigin.Correction,
            First = DateTimeOffset.UnixEpoch,
            Time = DateTimeOffset.UnixEpoch,
        };
    }
}
