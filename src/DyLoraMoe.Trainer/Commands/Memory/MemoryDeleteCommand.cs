using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Commands.Memory;

/// <summary><c>dylora memory delete</c>.</summary>
internal static class MemoryDeleteCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var episodes = new EpisodeOptions();
        var id = OptionOf.Text("--id", "ID", "One episode, by the name that list shows.");
        var json = SharedOptions.Json();
        return new Verb("delete", "Delete one episode, or all of a user.")
        {
            Details = "A router on the same folder stops using them with its next request. What an expert has learnt already stays in its weights; the experts concerned are named, to be replaced.",
            Examples = ["dylora memory delete --store memory --user anna", "dylora memory delete --store memory --id 3f9a0c5b1e7d2a4486b0c1d2"],
        }.With([.. episodes.All, id, json]).Runs(parsed =>
        {
            if (episodes.IsNarrow(parsed) == (parsed.GetValue(id) is not null))
            {
                throw new UsageException("Say what goes: --user, --shared or --id.");
            }

            var (store, owner) = (episodes.Open(parsed), episodes.Owner(parsed));
            var gone = parsed.GetValue(id) is { } name ? store.Forget(owner, name) : store.ForgetUser(owner, episodes.User(parsed));
            EpisodeOptions.SayUnreadable(store);
            Print(gone, store.Unreadable, parsed.GetValue(json));
            return ExitCode.Done;
        });
    }

    private static void Print(Forgotten gone, int unreadable, bool asJson) => new Report()
        .Add("episodes", gone.Episodes)
        .Add("in_weights", gone.Promoted)
        .Add("experts", gone.Experts)
        .Add("unreadable", unreadable)
        .WriteTo(Console.Out, asJson);
}
