using System.CommandLine;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Completion;
using DyLoraMoe.Kubectl.Output;
using k8s.Autorest;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary><c>kubectl dylora learn</c>: a file or folder of examples becomes a Skill.</summary>
internal static class LearnCommand
{
    private const string Client = "client";
    private const string Server = "server";

    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var path = new Argument<string>("PATH") { Description = $"A file of examples, {ExampleFiles.Endings}, or a folder of such files." };
        var backbone = Text("--backbone", "The Backbone that is to learn it. [default: the only one]");
        var name = Text("--name", "The name of the Skill. [default: that of the file or folder]");
        var input = Text("--input-field", "The field that holds the prompt. [default: found by usual names; a question or an instruction ends its line]");
        var output = Text("--output-field", "The field that holds the answer. [default: found by usual names, such as completion or answer]");
        var heldOut = new Option<int?>("--held-out") { Description = "Share of the examples that it is measured on, in percent, 1 to 50. [default: the Skill's own, 20]", HelpName = "PERCENT" };
        var chat = new Option<bool>("--chat") { Description = "Prompt and answer are turns of a chat, written by the model's chat template; examples with messages are chats anyway." };
        var drop = new Option<bool>("--drop-duplicates") { Description = "Leave out examples that nearly repeat another." };
        var extend = Text("--extend", "Teach this expert, without asking whether the examples are new.");
        var isNew = new Option<bool>("--new") { Description = "Make a new expert, without asking whether the examples are new." };
        var dryRun = new Option<string?>("--dry-run") { Description = "Apply nothing: client makes no call, server lets the API server check it.", HelpName = "client|server", Arity = ArgumentArity.ZeroOrOne };
        dryRun.AcceptOnlyFromAmong(Client, Server);
        var format = new Option<string?>("--output", "-o") { Description = "Print what is applied, as yaml or json.", HelpName = "yaml|json" };
        format.AcceptOnlyFromAmong("yaml", "json");
        var isForced = new Option<bool>("--force-conflicts") { Description = "Take over fields that another writer owns." };
        var wait = new Option<bool>("--wait") { Description = "Show how it gets on, until it is served or refused." };
        var timeout = new Option<int?>("--timeout") { Description = "Longest wait. [default: as long as it takes]", HelpName = "SECONDS" };
        return new PluginVerb("learn", "Teach a backbone a skill from a file or folder of examples.")
        {
            Details = "Examples are JSON objects, one a line or in an array, or rows of CSV, with a prompt and an answer, or with messages that end with the assistant's; in plain text, blank lines part them. "
                + $"Up to {Figures.Whole(Bounds.InlineLength)} bytes go through the cluster's API, small ones inside the Skill and others in a ConfigMap NAME-examples-DIGEST. "
                + $"The Skill is applied server-side by the field manager {FieldManagers.Plugin}; applying changed examples teaches them too. "
                + "With --wait the exit code is 0 when it is served, 3 when it is refused and 4 after --timeout.",
            Examples =
            [
                "kubectl dylora learn reverse.jsonl --backbone tiny --wait",
                "kubectl dylora learn tickets/ --name triage --input-field subject --output-field team",
                "kubectl dylora learn reverse.jsonl --backbone tiny --dry-run -o yaml > skill.yaml",
            ],
            Completes = CompletionSource.Files,
        }.With(path, backbone, name, input, output, heldOut, chat, drop, extend, isNew, dryRun, format, isForced, wait, timeout).Runs(async (parsed, stop) =>
        {
            if (parsed.GetValue(isNew) && parsed.GetValue(extend) is not null)
            {
                throw new PluginException("--new and --extend exclude each other.", ExitCode.Usage);
            }

            var source = parsed.GetValue(path)!;
            var draft = new SkillDraft
            {
                Name = parsed.GetValue(name) ?? SkillDraft.NameOf(source) ?? throw new PluginException($"No name can be made from {source}: give one with --name.", ExitCode.Usage),
                Namespace = global.NamespaceOf(parsed),
                Backbone = parsed.GetValue(backbone) ?? "",
                Examples = ExampleFiles.Read(source, parsed.GetValue(input), parsed.GetValue(output), parsed.GetValue(chat)),
                HeldOutPercent = parsed.GetValue(heldOut),
                DropDuplicates = parsed.GetValue(drop),
                Extend = parsed.GetValue(extend),
                IsNew = parsed.GetValue(isNew),
            };
            foreach (var file in draft.Examples.Ignored)
            {
                terminal.Error.WriteLine($"{file} is left out: its name does not end in {ExampleFiles.Endings}.");
            }

            var run = parsed.GetResult(dryRun) is null ? null : parsed.GetValue(dryRun) ?? Client;
            if (run == Client && draft.Backbone.Length > 0)
            {
                Print(draft, parsed.GetValue(format) ?? "yaml", terminal);
                return ExitCode.Done;
            }

            using var cluster = global.Connect(parsed);
            draft = draft with { Namespace = cluster.Namespace, Backbone = await BackboneAsync(cluster, parsed.GetValue(backbone), stop).ConfigureAwait(false) };
            if (run == Client)
            {
                Print(draft, parsed.GetValue(format) ?? "yaml", terminal);
                return ExitCode.Done;
            }

            var before = await ApplyAsync(cluster, draft, run == Server, parsed.GetValue(isForced), parsed.GetValue(format), terminal, stop).ConfigureAwait(false);
            if (run == Server)
            {
                return ExitCode.Done;
            }

            var code = parsed.GetValue(wait)
                ? await new SkillWait(cluster, terminal, TimeProvider.System).RunAsync(draft.Name, parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null, stop).ConfigureAwait(false)
                : ExitCode.Done;

            // The operator may be reading the one of before, unless it serves what came after.
            var isServed = parsed.GetValue(wait) && code == ExitCode.Done;
            await ExampleMaps.TidyAsync(cluster, draft.Name, [draft.ConfigMapName, isServed ? null : before], terminal.Error, stop).ConfigureAwait(false);
            return code;
        });
    }

    // Whoever may make skills need not be allowed to see backbones.
    private static async Task<string> BackboneAsync(ClusterClient cluster, string? name, CancellationToken stop)
    {
        try
        {
            return (await cluster.BackboneAsync(name, stop).ConfigureAwait(false)).Metadata.Name;
        }
        catch (HttpOperationException error) when (name is not null && error.IsForbidden())
        {
            return name;
        }
    }

    // The ConfigMap that the Skill named before; null for none.
    private static async Task<string?> ApplyAsync(ClusterClient cluster, SkillDraft draft, bool isDryRun, bool isForced, string? format, Terminal terminal, CancellationToken stop)
    {
        var before = await cluster.FindAsync<JsonObject>(Skill.PluralName, draft.Name, stop).ConfigureAwait(false);
        var (map, manifest) = draft.Manifests();
        if (map is not null)
        {
            // A refusal comes before anything is written; and the operator looks for a ConfigMap as soon as a Skill names it.
            await cluster.ApplyAsync(Skill.PluralName, manifest, isDryRun: true, isForced, stop).ConfigureAwait(false);
            await cluster.ApplyConfigMapAsync(Owned(map, before), isDryRun, isForced, stop).ConfigureAwait(false);
        }

        var skill = await cluster.ApplyAsync(Skill.PluralName, manifest, isDryRun, isForced, stop).ConfigureAwait(false);
        if (map is not null && before is null && !isDryRun)
        {
            await cluster.ApplyConfigMapAsync(Owned(map, skill), isDryRun, isForced, stop).ConfigureAwait(false);
        }

        var old = (string?)before?["spec"]?["data"]?["configMapRef"]?["name"];
        if (format is not null)
        {
            Print(draft, format, terminal);
            return old;
        }

        var what = before is null ? "created" : (string?)before["metadata"]!["resourceVersion"] == (string?)skill["metadata"]!["resourceVersion"] ? "unchanged" : "configured";
        var place = map is null ? "inline" : $"in the ConfigMap {(string?)map["metadata"]!["name"]}";
        terminal.Writer.WriteLine($"skill.{ApiNames.Group}/{draft.Name} {what}{(isDryRun ? " (server dry run)" : "")}: {Figures.Count(draft.Examples.Count, "example")}, {Figures.Whole(draft.Size)} bytes {place}, for Backbone {draft.Backbone}");
        return old;
    }

    // It goes when the Skill goes; one that is not there yet cannot own it.
    private static JsonObject Owned(JsonObject map, JsonObject? skill)
    {
        if (skill is not null)
        {
            map["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = ApiNames.GroupVersion,
                ["kind"] = Skill.KindName,
                ["name"] = (string?)skill["metadata"]!["name"],
                ["uid"] = (string?)skill["metadata"]!["uid"],
            });
        }

        return map;
    }

    private static void Print(SkillDraft draft, string format, Terminal terminal)
    {
        var (map, skill) = draft.Manifests();
        IReadOnlyList<JsonObject> all = map is null ? [skill] : [map, skill];
        terminal.Writer.Write(format == "yaml"
            ? YamlText.Of(all)
            : (all is [var only] ? only : new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. all]) }).ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description, HelpName = name switch { "--backbone" or "--name" or "--extend" => "NAME", _ => "FIELD" } };
}
