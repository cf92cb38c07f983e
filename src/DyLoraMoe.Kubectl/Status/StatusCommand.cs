using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Completion;
using DyLoraMoe.Kubectl.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DyLoraMoe.Kubectl.Status;

/// <summary><c>kubectl dylora status</c>: the tree of all there is, once or live.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(1);

    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var backbone = new Argument<string?>("BACKBONE") { Description = "The Backbone. [default: all]", Arity = ArgumentArity.ZeroOrOne };
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay, and show every change: in place on a terminal, elsewhere the tree anew." };
        var format = new Option<string?>("--output", "-o") { Description = "Print json.", HelpName = "json" };
        format.AcceptOnlyFromAmong("json");
        return new PluginVerb("status", "Show backbones with their skills, experts, growths, jobs and revisions.")
        {
            Details = "Each skill with the decision on its examples and its state; each expert with its stage, its maturity, what it gains over the bare backbone and, while it is trained, a bar; jobs that have not ended; "
                + "the latest set revisions. What you may not see is left out, and said.",
            Examples = ["kubectl dylora status", "kubectl dylora status tiny --watch", "kubectl dylora status -o json | jq '.backbones[].experts[] | {name, stage}'"],
            Completes = CompletionSource.Backbones,
        }.With(backbone, watch, format).Runs(async (parsed, stop) =>
        {
            using var cluster = global.Connect(parsed);
            var name = parsed.GetValue(backbone);
            if (parsed.GetValue(watch) && parsed.GetValue(format) is null)
            {
                await WatchAsync(cluster, name, terminal, stop).ConfigureAwait(false);
                return ExitCode.Done;
            }

            var world = await LookAsync(cluster, name, stop).ConfigureAwait(false);
            if (parsed.GetValue(format) is not null)
            {
                terminal.Writer.WriteLine(StatusDocument.Of(world, name));
            }
            else
            {
                terminal.Out.Write(View(world, name, cluster.Namespace, TimeProvider.System.GetUtcNow()));
            }

            return ExitCode.Done;
        });
    }

    private static async Task WatchAsync(ClusterClient cluster, string? name, Terminal terminal, CancellationToken stop)
    {
        if (terminal.IsLive)
        {
            IRenderable last = new Text("");
            await terminal.Out.Live(last).StartAsync(live => EachAsync(
                cluster,
                name,
                world => live.UpdateTarget(last = View(world, name, cluster.Namespace, TimeProvider.System.GetUtcNow())),
                error => live.UpdateTarget(new Rows(last, new Text(error))),
                stop)).ConfigureAwait(false);
            return;
        }

        var shown = "";
        await EachAsync(
            cluster,
            name,
            world =>
            {
                // Seen from the beginning of time everything is of the same age, so what is news is no age.
                var news = Plain(View(world, name, cluster.Namespace, DateTimeOffset.MinValue), terminal);
                if (news != shown)
                {
                    terminal.Writer.WriteLine(Plain(View(world, name, cluster.Namespace, TimeProvider.System.GetUtcNow()), terminal));
                    terminal.Writer.Flush();
                    shown = news;
                }
            },
            terminal.Error.WriteLine,
            stop).ConfigureAwait(false);
    }

    private static string Plain(IRenderable view, Terminal terminal)
    {
        var text = new StringWriter();
        new Terminal(text, terminal.Error, terminal.Input, isLive: false, isTyped: false).Out.Write(view);
        return text.ToString();
    }

    private static async Task EachAsync(ClusterClient cluster, string? name, Action<World> show, Action<string> say, CancellationToken stop)
    {
        // What fails from the beginning is no passing error.
        var (world, errors) = (await LookAsync(cluster, name, stop).ConfigureAwait(false), new PassingErrors(say));
        while (true)
        {
            if (world is not null)
            {
                show(world);
            }

            await Task.Delay(_between, stop).ConfigureAwait(false);
            world = await errors.OutlastAsync(() => LookAsync(cluster, name, stop)).ConfigureAwait(false);
        }
    }

    private static async Task<World> LookAsync(ClusterClient cluster, string? name, CancellationToken stop)
    {
        var world = await cluster.LookAsync(stop).ConfigureAwait(false);
        return name is null || world.Backbones is not { } seen || world.Backbone(name) is not null
            ? world
            : throw new PluginException($"There is no Backbone {name} in the namespace {cluster.Namespace}; there are: {(seen.Count == 0 ? "none" : string.Join(", ", world.BackboneNames))}.");
    }

    private static IRenderable View(World world, string? name, string @namespace, DateTimeOffset now) =>
        StatusTree.Of(world, name, now) is { Count: > 0 } trees
            ? TreeView.Of(trees)
            : new Text($"There is no Backbone in the namespace {@namespace}; config/samples has some.\n");
}
