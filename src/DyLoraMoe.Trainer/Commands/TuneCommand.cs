using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora tune</c>.</summary>
internal static class TuneCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var data = new DataOptions();
        var ranks = OptionOf.Wholes("--ranks", "LIST", "Ranks to try. [default: 4,8,16]", 1, 4096);
        var seeding = OptionOf.Numbers("--seeding-rates", "LIST", "Rates of the first phase to try. [default: 0.001,0.003,0.01]", 1e-7, 1);
        var rates = OptionOf.Numbers("--rates", "LIST", "Rates of the second phase to try, as shares of the first. [default: 0.1,0.5]", 1e-4, 1);
        var replay = OptionOf.Wholes("--replays", "LIST", "Percents of replay of the workspace's skills to try. [default: 0]", 0, 90);
        var temperatures = OptionOf.Numbers("--temperatures", "LIST", "Temperatures of the router to try. [default: 1]", 0.01, 100);
        var budget = OptionOf.Whole("--first-budget", "TOKENS", "Tokens of every setting on the first rung. [default: 20000]", 100);
        var eta = OptionOf.Whole("--eta", "N", "By how much the budget grows and the field shrinks from rung to rung. [default: 3]", 2, 16);
        var output = OptionOf.Text("--out", "DIR", "Where scores and checkpoints are kept; the same command goes on from there.", required: true);
        var learning = new LearningOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("tune", "Find rank, rates, replay and temperature for a skill by successive halving, on training and validation data alone.")
        {
            Details = "Every setting trains one expert from nothing with the same number of tokens and is scored by the validation loss of the skill as it would be served: by the "
                + "workspace's experts and this one, with a router fitted to all; skills that have some of the data already are left out, as if they had not been learnt yet. The better part goes on with more tokens until one is left. A fifth of the data is set aside as test "
                + "data and never looked at. The whole grid is printed.",
            Examples = ["dylora tune --workspace work --data reverse.jsonl --ranks 4,8,16 --out tuning"],
        }.With([.. workspace.All, .. data.All, ranks, seeding, rates, replay, temperatures, budget, eta, output, .. learning.ForSearch, json, .. compute.All]).Runs(parsed =>
        {
            var choice = data.Of(parsed);
            var grid = SearchGrid.Of(
                ("rank", Given(parsed.GetValue(ranks), [4, 8, 16])),
                ("seeding-rate", Given(parsed.GetValue(seeding), [1e-3, 3e-3, 1e-2])),
                ("rate-share", Given(parsed.GetValue(rates), [0.1, 0.5])),
                ("replay", Given(parsed.GetValue(replay), [0])),
                ("temperature", Given(parsed.GetValue(temperatures), [1])));
            return WorkspaceVerb.Run(parsed, workspace, compute, learning, data, creates: false, (session, stop) =>
            {
                var samples = choice.Read(Console.Error.WriteLine).Samples;
                var tuning = Tuning.DataOf(samples, session.Policy.Data);
                var options = new SearchOptions { FirstBudget = parsed.GetValue(budget) ?? 20_000, Eta = parsed.GetValue(eta) ?? 3, TrainsOn = false };
                var scores = new Tuning(session, samples);
                foreach (var skill in scores.LeftOut)
                {
                    Console.Error.WriteLine($"'{skill}' has some of these data already: settings are scored as if it had not been learnt yet");
                }

                var search = new HyperparameterSearch(grid, tuning, options, parsed.GetValue(output)!, scores.Recipe);
                var report = search.Run(scores.Evaluate, new Watch(), stop);
                Print(report, parsed.GetValue(json));
                return report.Best is null ? ExitCode.Failed : ExitCode.Done;
            });
        });
    }

    private static double[] Given(double[]? values, double[] otherwise) => values is { Length: > 0 } ? values : otherwise;

    private static void Print(SearchReport report, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(new Report()
                .Add("best", report.Best is { } best ? new JsonObject(best.Values.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))) : null)
                .Add("validation_loss", report.BestScore)
                .Add("tokens", report.Tokens)
                .Add("grid", new JsonArray([.. report.Rows.Select(row => (JsonNode?)new JsonObject
                {
                    ["setting"] = row.Setting.ToString(),
                    ["rung"] = row.Rung,
                    ["tokens"] = row.Tokens,
                    ["validation_loss"] = row.Score,
                    ["survived"] = row.Survived,
                })]))
                .ToJson());
            return;
        }

        var table = new Table("setting", "rung", "tokens", "validation loss", "survived");
        foreach (var row in report.Rows)
        {
            table.Add(row.Setting.ToString(), Report.Count(row.Rung), Report.Count(row.Tokens), Score(row), row.Survived ? "yes" : "");
        }

        table.WriteTo(Console.Out);
        Console.WriteLine(report.Best is null
            ? "Every setting diverged; try lower rates."
            : $"best: {report.Best} at {Table.Number(report.BestScore!.Value, 4)} nats/token, after {Report.Count(report.Tokens)} tokens in all");
    }

    private static string Score(SearchRow row) => row.Score is { } score ? score.ToString("F4", CultureInfo.InvariantCulture) : "diverged";

    private sealed class Watch : IProgress<SearchRow>
    {
        public void Report(SearchRow value) => Console.Error.WriteLine($"rung {value.Rung}: {value.Setting}: {Score(value)} after {CommandLine.Report.Count(value.Budget)} tokens");
    }
}
