using System.CommandLine;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using k8s;
using k8s.Exceptions;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Completion;

/// <summary>
/// <c>__complete WORDS</c>: what the last word may become, one a line, and at the end a colon and what the shell is to do. It is the protocol of cobra,
/// which kubectl's own completion speaks with the <c>kubectl_complete-dylora</c> of a plugin. It never fails: without an answer nothing is proposed.
/// </summary>
internal static class CompleteCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "__complete";

    private const int ProposeFiles = 0;
    private const int NoFiles = 4;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, CompletionSource> _options = new(StringComparer.Ordinal)
    {
        ["--backbone"] = CompletionSource.Backbones,
        ["--context"] = CompletionSource.Contexts,
        ["--expert"] = CompletionSource.Experts,
        ["--extend"] = CompletionSource.Experts,
        ["--kubeconfig"] = CompletionSource.Files,
        ["--namespace"] = CompletionSource.Namespaces,
        ["--to"] = CompletionSource.Revisions,
    };

    /// <summary>Writes the proposals.</summary>
    /// <param name="words">The command line without the program; the last word is the one that is being typed.</param>
    /// <param name="root">All verbs.</param>
    /// <param name="global">The options that say which cluster is meant.</param>
    /// <param name="terminal">Where they are written.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, RootCommand root, GlobalOptions global, Terminal terminal, CancellationToken stop)
    {
        var (word, before) = words.Count > 0 ? (words[^1], words.Take(words.Count - 1).ToArray()) : ("", []);
        var parsed = Parsed(root, before);
        var verb = parsed.CommandResult.Command as Verb;
        var option = before.Length > 0 ? Options(root, verb).FirstOrDefault(each => (each.Name == before[^1] || each.Aliases.Contains(before[^1])) && each.Arity.MaximumNumberOfValues > 0 && each.ValueType != typeof(bool)) : null;
        if (option is not null)
        {
            // An option without its value is an error to whoever asks for that.
            parsed = Parsed(root, before[..^1]);
        }

        var source = option is not null ? _options.GetValueOrDefault(option.Name) : (verb as PluginVerb)?.Completes ?? CompletionSource.Nothing;
        IEnumerable<string> proposals;
        if (option is null && word.StartsWith('-'))
        {
            proposals = Options(root, verb).Where(each => !each.Hidden).Select(each => each.Name);
            source = CompletionSource.Nothing;
        }
        else if (option is null && verb is null)
        {
            proposals = root.Subcommands.Select(each => $"{each.Name}\t{each.Description}");
        }
        else
        {
            proposals = option is not null && source == CompletionSource.Nothing
                ? option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label)
                : option is null && IsGiven(parsed, verb) ? [] : await NamesAsync(source, parsed, global, stop).ConfigureAwait(false);
        }

        foreach (var proposal in proposals.Where(each => each.StartsWith(word, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            terminal.Writer.WriteLine(proposal);
        }

        terminal.Writer.WriteLine($":{(source == CompletionSource.Files ? ProposeFiles : NoFiles)}");
        return ExitCode.Done;
    }

    private static ParseResult Parsed(RootCommand root, IReadOnlyList<string> words) => root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static IEnumerable<Option> Options(RootCommand root, Verb? verb) => (verb?.Options ?? []).Concat(root.Options.Where(option => option.Recursive));

    // A verb has one argument at most.
    private static bool IsGiven(ParseResult parsed, Verb? verb) => verb?.Arguments is [var argument] && parsed.GetResult(argument) is { Tokens.Count: > 0 };

    private static async Task<IReadOnlyList<string>> NamesAsync(CompletionSource source, ParseResult parsed, GlobalOptions global, CancellationToken stop)
    {
        try
        {
            switch (source)
            {
                case CompletionSource.Nothing or CompletionSource.Files:
                    return [];
                case CompletionSource.Shells:
                    return CompletionScripts.Shells;
                case CompletionSource.Contexts:
                    return ClusterConfiguration.Contexts(global.KubeconfigOf(parsed));
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(_patience);
            using var cluster = global.Connect(parsed);
            return source switch
            {
                CompletionSource.Namespaces => [.. (await cluster.Api.CoreV1.ListNamespaceAsync(cancellationToken: patience.Token).ConfigureAwait(false)).Items.Select(each => each.Metadata.Name)],
                CompletionSource.Backbones => await BackbonesAsync(cluster, patience.Token).ConfigureAwait(false),
                CompletionSource.Experts => await ExpertsAsync(cluster, patience.Token).ConfigureAwait(false),
                CompletionSource.Revisions => [.. (await cluster.RevisionsAsync(Backbone(parsed), patience.Token).ConfigureAwait(false)).Select(set => $"{Figures.Short(set.Revision)}\t{set.Experts}")],
                _ => [.. (await Task.WhenAll(
                    SkillsAsync(),
                    SeenAsync<LoraExpert>("expert", LoraExpert.PluralName),
                    SeenAsync<Backbone>("backbone", DyLoraMoe.Api.Resources.Backbone.PluralName),
                    SeenAsync<Consolidation>("sleep", Consolidation.PluralName),
                    SeenAsync<Growth>("grow", Growth.PluralName)).ConfigureAwait(false)).SelectMany(names => names)],
            };

            async Task<IEnumerable<string>> SkillsAsync() => (await cluster.ListAsync<Skill>(Skill.PluralName, patience.Token).ConfigureAwait(false)).Select(each => each.Metadata.Name);

            async Task<IEnumerable<string>> SeenAsync<T>(string kind, string plural)
                where T : IKubernetesObject<V1ObjectMeta> =>
                (await cluster.SeenAsync<T>(plural, patience.Token).ConfigureAwait(false) ?? []).Select(each => $"{kind}/{each.Metadata.Name}");
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or KubeConfigException or PluginException || ClusterErrors.Translate(error) is not null)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> BackbonesAsync(ClusterClient cluster, CancellationToken stop) =>
        [.. (await cluster.ListAsync<Backbone>(DyLoraMoe.Api.Resources.Backbone.PluralName, stop).ConfigureAwait(false)).Select(each => each.Metadata.Name)];

    private static async Task<IReadOnlyList<string>> ExpertsAsync(ClusterClient cluster, CancellationToken stop) =>
        [.. (await cluster.ListAsync<LoraExpert>(LoraExpert.PluralName, stop).ConfigureAwait(false)).Select(each => each.Metadata.Name)];

    private static string Backbone(ParseResult parsed) => parsed.CommandResult.Tokens.Count > 0 ? parsed.CommandResult.Tokens[0].Value : "";
}
