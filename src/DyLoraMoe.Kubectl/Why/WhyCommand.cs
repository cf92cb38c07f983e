using System.CommandLine;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Completion;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Why;

/// <summary><c>kubectl dylora why</c>: explains an object from its status and its events.</summary>
internal static class WhyCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var subject = new Argument<string>("NAME") { Description = "A Skill, else an expert, else a Backbone, else a Consolidation, else a Growth of that name; skill/NAME, expert/NAME, backbone/NAME, sleep/NAME or grow/NAME to say which." };
        return new PluginVerb("why", "Explain a decision, a refusal, what holds an expert back, or what something waits for.")
        {
            Details = "All of it stands in the objects' status and events; this puts it into sentences: every signal's p-value against the threshold and the nearest skill, which skill would have got worse and by how much, "
                + "which of the four criteria of maturity fails, how a backbone grew and how to go back, and what to do about a reason.",
            Examples = ["kubectl dylora why reverse", "kubectl dylora why expert/reverse", "kubectl dylora why backbone/tiny"],
            Completes = CompletionSource.Subjects,
        }.With(subject).Runs(async (parsed, stop) =>
        {
            using var cluster = global.Connect(parsed);
            foreach (var line in await ExplainAsync(cluster, parsed.GetValue(subject)!, stop).ConfigureAwait(false))
            {
                terminal.Writer.WriteLine(line);
            }

            return ExitCode.Done;
        });
    }

    private static async Task<IEnumerable<string>> ExplainAsync(ClusterClient cluster, string subject, CancellationToken stop)
    {
        var world = await cluster.LookAsync(stop).ConfigureAwait(false);
        var story = await StoryAsync(cluster, world, subject, stop).ConfigureAwait(false);
        return world.Hidden is [] ? story : [.. story, $"Left out, since you have no right to see them: {string.Join(", ", world.Hidden)}."];
    }

    private static async Task<IEnumerable<string>> StoryAsync(ClusterClient cluster, World world, string subject, CancellationToken stop)
    {
        var (kind, name) = subject.Split('/') is [var given, var rest] ? (KindOf(given), rest) : (null, subject);
        if (kind is null or Skill.KindName && world.Skill(name) is { } skill)
        {
            return SkillStory.Of(skill, world, await WarningsAsync(Skill.KindName).ConfigureAwait(false));
        }

        if (kind is null or LoraExpert.KindName && world.Expert(name) is { } expert)
        {
            return ExpertStory.Of(expert, world, await WarningsAsync(LoraExpert.KindName).ConfigureAwait(false));
        }

        if (kind is null or Backbone.KindName && world.Backbone(name) is { } backbone)
        {
            return BackboneStory.Of(backbone, world, await WarningsAsync(Backbone.KindName).ConfigureAwait(false));
        }

        if (kind is null or Consolidation.KindName && world.Night(name) is { } night)
        {
            return NightStory.Of(night, await WarningsAsync(Consolidation.KindName).ConfigureAwait(false));
        }

        return kind is null or Growth.KindName && world.Growth(name) is { } growth
            ? GrowthStory.Of(growth, world, await WarningsAsync(Growth.KindName).ConfigureAwait(false))
            : throw new PluginException($"There is no {kind ?? "Skill, LoraExpert, Backbone, Consolidation or Growth"} {name} in the namespace {cluster.Namespace}{(world.Hidden is [] ? "" : $", unless it is among what you have no right to see: {string.Join(", ", world.Hidden)}")}.");

        async Task<IEnumerable<string>> WarningsAsync(string of) =>
            Outline.Warnings(await cluster.EventsAsync(of, name, stop).ConfigureAwait(false), TimeProvider.System.GetUtcNow());
    }

    private static string KindOf(string word) => word.ToLowerInvariant() switch
    {
        "skill" or "skills" or "sk" => Skill.KindName,
        "expert" or "experts" or "loraexpert" or "loraexperts" or "lx" => LoraExpert.KindName,
        "backbone" or "backbones" or "bb" => Backbone.KindName,
        "consolidation" or "consolidations" or "sleep" => Consolidation.KindName,
        "growth" or "growths" or "grow" => Growth.KindName,
        _ => throw new PluginException($"Expected skill/NAME, expert/NAME, backbone/NAME, sleep/NAME or grow/NAME, found {word}/.", ExitCode.Usage),
    };
}
