using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora skills</c>.</summary>
internal static class SkillsCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var json = SharedOptions.Json();
        return new Verb("skills", "List what a workspace has learnt: skills, their experts, and how mature they are.")
        {
            Details = "Gain is what the served set gains over the bare backbone on held-out data, in nats per token; routed is the share of the skill's held-out prompts that reach its expert.",
            Examples = ["dylora skills --workspace work", "dylora skills --workspace work --json"],
        }.With([.. workspace.All, json]).Runs(parsed =>
        {
            using var place = workspace.Open(parsed);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(new Report()
                    .Add("backbone", place.State.Backbone.Digest)
                    .Add("set", place.State.ActiveSet)
                    .Add("skills", new JsonArray([.. place.State.Skills.Select(pair => (JsonNode?)SkillReport.Of(pair.Key, pair.Value, place.State).ToNode())]))
                    .ToJson());
                return ExitCode.Done;
            }

            var table = new Table("skill", "status", "expert", "version", "stage", "maturity", "mode", "rank", "backbone", "served", "gain", "routed", "samples");
            foreach (var (name, entry) in place.State.Skills)
            {
                table.Add(SkillReport.Row(name, entry, place.State));
            }

            table.WriteTo(Console.Out);
            foreach (var note in SkillReport.Notes(place.State))
            {
                Console.WriteLine(note);
            }

            return ExitCode.Done;
        });
    }
}
