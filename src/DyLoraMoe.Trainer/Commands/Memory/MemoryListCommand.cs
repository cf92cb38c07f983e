using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands.Memory;

/// <summary><c>dylora memory list</c>.</summary>
internal static class MemoryListCommand
{
    private const int Shown = 48;

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var episodes = new EpisodeOptions();
        var json = SharedOptions.Json();
        return new Verb("list", "List what is remembered, the newest first.")
        {
            Details = "The score is what a consolidation chooses by: surprise times recurrence times age. With --json it is one object a line.",
            Examples = ["dylora memory list --store memory", "dylora memory list --store memory --user anna --json"],
        }.With([.. episodes.All, json]).Runs(parsed =>
        {
            var store = episodes.Open(parsed);
            var found = episodes.In(store, parsed);
            EpisodeOptions.SayUnreadable(store);
            var now = TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(json))
            {
                foreach (var each in found)
                {
                    Console.WriteLine(JsonText.Line(new
                    {
                        each.Id,
                        each.Owner,
                        each.User,
                        each.Prompt,
                        each.Answer,
                        each.Origin,
                        each.First,
                        each.Time,
                        each.Recurrence,
                        each.Uses,
                        each.Surprise,
                        Score = ScoreOf(each, now),
                        each.Set,
                        each.AnswerId,
                    }));
                }

                return ExitCode.Done;
            }

            Print(found, now);
            return ExitCode.Done;
        });
    }

    private static void Print(IReadOnlyList<Episode> episodes, DateTimeOffset now)
    {
        var table = new Table("episode", "user", "told", "used", "surprise", "score", "question");
        foreach (var each in episodes)
        {
            table.Add(
                each.Id, each.User ?? "(shared)", Report.Count(each.Recurrence), Report.Count(each.Uses), Table.Number(each.Surprise, 2), Table.Number(ScoreOf(each, now), 2), Cut(each.Prompt));
        }

        table.WriteTo(Console.Out);
    }

    private static double ScoreOf(Episode episode, DateTimeOffset now) => new PromotionRule().ScoreOf(episode, now);

    private static string Cut(string text)
    {
        var line = string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length > Shown ? line[..Shown] + "..." : line;
    }
}
