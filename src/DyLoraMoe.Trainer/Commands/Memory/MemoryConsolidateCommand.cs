using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands.Memory;

/// <summary>What goes from a memory into an expert.</summary>
/// <param name="Store">The memory.</param>
/// <param name="Episodes">Those that are chosen.</param>
/// <param name="LeftOut">How many more would have been, if more could be learnt at once.</param>
/// <param name="Model">The backbone's folder.</param>
/// <param name="Adapter">The expert to go on from; null for a new one.</param>
/// <param name="New">Size and reach of a new one.</param>
/// <param name="Out">The folder of the result.</param>
/// <param name="Replay">Files with what must stay; the backbone's own texts when empty.</param>
/// <param name="Learning">Weights, steps and rates.</param>
/// <param name="Keeps">Whether what is learnt stays in the memory too.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Where to compute.</param>
internal sealed record ConsolidateOptions(
    EpisodeStore Store,
    IReadOnlyList<Episode> Episodes,
    int LeftOut,
    string Model,
    string? Adapter,
    LoraConfig New,
    string Out,
    IReadOnlyList<string> Replay,
    MemoryConsolidationOptions Learning,
    bool Keeps,
    bool Json,
    ComputePlace Compute);

/// <summary><c>dylora memory consolidate</c>.</summary>
internal static class MemoryConsolidateCommand
{
    private const int OwnTexts = 64;
    private const int MostTries = 5;

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var (rule, defaults) = (new PromotionRule(), new MemoryConsolidationOptions());
        var episodes = new EpisodeOptions();
        var model = SharedOptions.Model();
        var adapter = OptionOf.Text("--adapter", "DIR", "The expert to go on from, in PEFT layout. [default: a new one]");
        var output = OptionOf.Text("--out", "DIR", "The folder to write: the expert in PEFT layout, and report.json.", required: true);
        var replay = OptionOf.Texts("--replay", "FILE", "Data that must stay as they are known, such as those that the expert was trained on. May be given several times. [default: texts that the backbone makes up]");
        var all = OptionOf.Flag("--all", "Every episode, whatever its score.");
        var score = OptionOf.Number("--least-score", "SCORE", $"Score from which on an episode is chosen. [default: {rule.LeastScore}]", 0, 1e6);
        var age = OptionOf.Number("--half-age", "HOURS", $"Age at which age counts half. [default: {rule.HalfAge.TotalHours}]", 1e-3, 1e6);
        var most = OptionOf.Whole("--most", "N", $"Most episodes at once; those with the highest scores go first. [default: {rule.MostEpisodes}, with --all {PromotionRule.MostAtOnce}]", 1, PromotionRule.MostAtOnce);
        var steps = OptionOf.Whole("--steps", "N", $"Most optimizer steps. [default: {defaults.MaxSteps}]", 1, 1 << 20);
        var rate = OptionOf.Number("--rate", "RATE", $"The rate. [default: {defaults.Rate}]", 0, 1);
        var keep = OptionOf.Flag("--keep", "Leave what is learnt in the memory too.");
        var seed = SharedOptions.Seed();
        var size = new AdapterOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("consolidate", "Teach an expert what is remembered, check that it knows it, and take it out of the memory.")
        {
            Details = "The expert learns to say without the episodes what it says with them in context, and the right answers themselves; what it knew is replayed between. "
                + "Then every episode is asked for without context. What is recalled leaves the memory with a mark that names the expert; what is not stays and is used as before.",
            Examples =
            [
                "dylora memory consolidate --store memory --model models/dylora-tiny --out experts/remembered",
                "dylora memory consolidate --store memory --shared --model models/dylora-tiny --adapter experts/reverse --replay reverse.jsonl --out experts/reverse-2",
            ],
        }.With([.. episodes.All, model, adapter, output, replay, all, score, age, most, steps, rate, keep, seed, .. size.All, json, .. compute.Place]).Runs(parsed =>
        {
            var (lora, invocation) = size.Of(parsed);
            if (invocation is not null)
            {
                throw new UsageException("--invocation is not for memories; episodes are questions of every form.");
            }

            if (parsed.GetValue(adapter) is not null)
            {
                parsed.Refuse(size.All, "is for a new expert, but --adapter names one to go on from; leave one of them out.");
            }

            var isAll = parsed.GetValue(all);
            if (isAll)
            {
                parsed.Refuse([score], "chooses among episodes, but --all takes every one; leave one of them out.");
            }

            var store = episodes.Open(parsed);
            var wanted = rule with
            {
                LeastScore = isAll ? 0 : parsed.GetValue(score) ?? rule.LeastScore,
                HalfAge = parsed.GetValue(age) is { } hours ? TimeSpan.FromHours(hours) : rule.HalfAge,
                MostEpisodes = int.MaxValue,
            };
            var worthy = wanted.Choose(episodes.In(store, parsed), TimeProvider.System.GetUtcNow());
            EpisodeOptions.SayUnreadable(store);
            IReadOnlyList<Episode> chosen = [.. worthy.Take(parsed.GetValue(most) ?? (isAll ? PromotionRule.MostAtOnce : rule.MostEpisodes))];
            return Run(new ConsolidateOptions(
                store,
                chosen,
                worthy.Count - chosen.Count,
                parsed.GetValue(model)!,
                parsed.GetValue(adapter),
                lora,
                parsed.GetValue(output)!,
                parsed.GetValue(replay)!,
                defaults with { MaxSteps = parsed.GetValue(steps) ?? defaults.MaxSteps, Rate = parsed.GetValue(rate) ?? defaults.Rate, Seed = (ulong)(parsed.GetValue(seed) ?? 1) },
                parsed.GetValue(keep),
                parsed.GetValue(json),
                compute.Apply(parsed, parsed.GetValue(model))));
        });
    }

    private static int Run(ConsolidateOptions options)
    {
        if (options.Episodes.Count == 0)
        {
            Console.Error.WriteLine("No episode has the score yet; nothing was written. --all takes every one.");
            return ExitCode.Done;
        }

        if (options.LeftOut > 0)
        {
            Console.Error.WriteLine($"warning: {options.LeftOut} more episodes have the score and are left out this time: at most {options.Episodes.Count} go at once. --most takes more, and so does another run.");
        }

        var tokenizer = TextTokenizer.Load(options.Model);
        using var backbone = ModelFolder.Load(options.Model, options.Compute.DataType, options.Compute.Device);
        using var expert = options.Adapter is { } folder ? PeftFolder.Load(folder, backbone) : LoraAdapter.Create(backbone, options.New, (long)options.Learning.Seed);
        using var stop = StopRequest.Listen();
        try
        {
            var (consolidation, replay) = (new MemoryConsolidation(backbone, tokenizer, options.Learning), ReplayOf(options, backbone, tokenizer, stop.Token));
            for (var tries = 0; tries < MostTries; tries++)
            {
                var episodes = options.Store.StillThere(options.Episodes);
                using var copy = expert.CopyTo(expert.Device);
                var report = consolidation.Run(copy, episodes, replay, cancellation: stop.Token);
                if (options.Store.StillThere(episodes).Count < episodes.Count)
                {
                    Console.Error.WriteLine("Episodes were deleted or corrected while they were learnt: what is left is learnt again without them.");
                    continue;
                }

                if (report.TooLong.Count > 0)
                {
                    Console.Error.WriteLine($"warning: {report.TooLong.Count} of {episodes.Count} episodes have more than {consolidation.MostTokens} tokens, question and answer together: they are not taught, and stay in the memory.");
                }

                if (report.Episodes.Count == 0)
                {
                    Console.Error.WriteLine($"No episode is {(episodes.Count == 0 ? "left" : "short enough")} to be taught; nothing was written.");
                    return ExitCode.Done;
                }

                Save(options, copy, report, episodes);
                return ExitCode.Done;
            }

            Console.Error.WriteLine("The memory changes too often to be learnt from; nothing was written.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsRequested)
        {
            stop.ThrowIfRequested();
            throw;
        }
    }

    private static void Save(ConsolidateOptions options, LoraAdapter expert, MemoryConsolidationReport report, IReadOnlyList<Episode> episodes)
    {
        PeftFolder.Save(options.Out, expert, options.Model);
        AtomicFile.WriteText(Path.Combine(options.Out, "report.json"), JsonText.Of(report));

        // Only once the expert is safe on disk may anything leave the memory.
        var recalled = report.Evict.ToHashSet(StringComparer.Ordinal);
        var left = options.Keeps ? [] : options.Store.Promote(episodes.Where(episode => recalled.Contains(episode.Id)), Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Out)));
        Print(options, report, left.Count);
    }

    private static List<TokenizedSample> ReplayOf(ConsolidateOptions options, CausalLanguageModel backbone, TextTokenizer tokenizer, CancellationToken stop)
    {
        if (options.Replay.Count == 0)
        {
            var longest = (int)Math.Min(64, backbone.Config.MaxPositions);
            return [.. SelfSamples.Draw(backbone, OwnTexts, longest, (int)options.Learning.Seed, stop).Where(ids => ids.Length > 1).Select(TokenizedSample.Whole)];
        }

        var samples = new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions { MaxTokens = options.Learning.Context + 1 });
        return samples.TokenizeAll(Dataset.Load(options.Replay, new DatasetOptions()).Samples);
    }

    private static void Print(ConsolidateOptions options, MemoryConsolidationReport report, int left) => new Report()
        .Add("expert", options.Out)
        .Add("episodes", report.Episodes.Count)
        .Add("left_out", options.LeftOut)
        .Add("recalled", report.Evict.Count)
        .Add("left_the_memory", left)
        .Add("steps", report.Steps)
        .Add("tokens", report.Tokens, Report.Count(report.Tokens))
        .Add("teacher_tokens", report.TeacherTokens, Report.Count(report.TeacherTokens))
        .Add("replay_loss_before", report.ReplayBefore, Nats(report.ReplayBefore))
        .Add("replay_loss_after", report.ReplayAfter, Nats(report.ReplayAfter))
        .Add("not_recalled", new JsonArray([.. report.Episodes.Where(each => !each.IsRecalled).Select(each => (JsonNode?)each.Id)]))
        .Add("too_long", new JsonArray([.. report.TooLong.Select(id => (JsonNode?)id)]))
        .WriteTo(Console.Out, options.Json);

    private static string Nats(double? value) => value is { } known ? $"{Table.Number(known, 4)} nats/token" : "not measured";
}
