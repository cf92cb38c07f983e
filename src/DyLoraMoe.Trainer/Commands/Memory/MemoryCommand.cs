using DyLoraMoe.CommandLine;

namespace DyLoraMoe.Trainer.Commands.Memory;

/// <summary><c>dylora memory</c>.</summary>
internal static class MemoryCommand
{
    /// <summary>The verb with its own verbs.</summary>
    public static Verb Create()
    {
        var verb = new Verb("memory", "What a router remembers: list it, teach it to an expert, delete it.")
        {
            Details = "A router with --memory keeps answers that were corrected or praised as episodes, and uses them at once. Consolidating moves them into an expert's weights.",
            Examples =
            [
                "dylora memory list --store memory",
                "dylora memory consolidate --store memory --model models/dylora-tiny --out experts/remembered",
                "dylora memory delete --store memory --user anna",
            ],
        };
        verb.Add(MemoryListCommand.Create());
        verb.Add(MemoryConsolidateCommand.Create());
        verb.Add(MemoryDeleteCommand.Create());
        return verb;
    }
}
