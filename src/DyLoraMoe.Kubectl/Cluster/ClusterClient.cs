using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.CommandLine;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>The calls that the plugin makes, in one namespace.</summary>
internal sealed class ClusterClient : IDisposable
{
    /// <summary>The component of router pods, and of sets.</summary>
    public const string Router = "router";

    private const string Set = "set";

    private ClusterClient(Kubernetes api, string @namespace) => (Api, Namespace) = (api, @namespace);

    /// <summary>The client library's own client.</summary>
    public Kubernetes Api { get; }

    /// <summary>The namespace.</summary>
    public string Namespace { get; }

    /// <summary>A client.</summary>
    /// <param name="address">How to reach the cluster.</param>
    /// <param name="namespace">The namespace; null for that of the context.</param>
    public static ClusterClient Of(ClusterAddress address, string? @namespace)
    {
        var configuration = address.Configuration;
        configuration.UserAgent = FieldManagers.Plugin;
        var lines = address.Impersonation is { } other ? new HeaderLines(other.Headers) : null;
        configuration.DisableHttp2 |= lines is not null;
        configuration.FirstMessageHandlerSetup = handler =>
        {
            lines?.Prepare(handler);
            if (address.Proxy is { } proxy)
            {
                (handler.Proxy, handler.UseProxy) = (proxy, true);
            }
        };
        var api = lines is null ? new Kubernetes(configuration) : new Kubernetes(configuration, new ImpersonatingHandler(lines));
        api.CreateWebSocketBuilder = () => Sockets(lines, address.Proxy);
        return new(api, @namespace ?? (configuration.Namespace is { Length: > 0 } own ? own : "default"));
    }

    /// <summary>All objects of a kind.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string plural, CancellationToken cancellation) =>
        [.. (await Api.CustomObjects.ListNamespacedCustomObjectAsync<ItemList<T>>(ApiNames.Group, ApiNames.Version, Namespace, plural, cancellationToken: cancellation).ConfigureAwait(false)).Items];

    /// <summary>An object; null when there is none of that name.</summary>
    public async Task<T?> FindAsync<T>(string plural, string name, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await Api.CustomObjects.GetNamespacedCustomObjectAsync<T>(ApiNames.Group, ApiNames.Version, Namespace, plural, name, cancellation).ConfigureAwait(false);
        }
        catch (HttpOperationException error) when (error.IsNotFound() && !error.IsUnknownKind())
        {
            return null;
        }
    }

    /// <summary>All there is now. What the caller may not see, beside the skills, is left out.</summary>
    public async Task<World> LookAsync(CancellationToken cancellation)
    {
        var backbones = SeenAsync<Backbone>(Backbone.PluralName, cancellation);
        var skills = ListAsync<Skill>(Skill.PluralName, cancellation);
        var experts = SeenAsync<LoraExpert>(LoraExpert.PluralName, cancellation);
        var nights = SeenAsync<Consolidation>(Consolidation.PluralName, cancellation);
        var growths = SeenAsync<Growth>(Growth.PluralName, cancellation);
        var jobs = AllowedAsync(async () => (await Api.BatchV1.ListNamespacedJobAsync(Namespace, labelSelector: $"{Labels.Backbone},{Labels.JobKind}", cancellationToken: cancellation).ConfigureAwait(false)).Items);
        var sets = AllowedAsync(() => SetsAsync(null, cancellation));
        return new(
            await backbones.ConfigureAwait(false),
            await skills.ConfigureAwait(false),
            await experts.ConfigureAwait(false),
            await jobs.ConfigureAwait(false),
            (await sets.ConfigureAwait(false))?.Select(StoredSet.Read).OfType<StoredSet>().ToList())
        {
            Nights = await nights.ConfigureAwait(false),
            Growths = await growths.ConfigureAwait(false),
        };
    }

    /// <summary>A skill with its backbone and its expert, and nothing else; what is not there, or what the caller may not see beside the skill, is left out.</summary>
    public async Task<World> LookAtAsync(string skill, CancellationToken cancellation)
    {
        if (await FindAsync<Skill>(Skill.PluralName, skill, cancellation).ConfigureAwait(false) is not { } found)
        {
            return new([], [], [], null, null);
        }

        var (backbone, expert) = (found.Spec.BackboneRef.Name, found.Status.ExpertRef?.Name);
        var backbones = AllowedAsync(() => FindAsync<Backbone>(Backbone.PluralName, backbone, cancellation));
        var experts = AllowedAsync(() => expert is null ? Task.FromResult<LoraExpert?>(null) : FindAsync<LoraExpert>(LoraExpert.PluralName, expert, cancellation));
        return new(
            await backbones.ConfigureAwait(false) is { } its ? [its] : [],
            [found],
            await experts.ConfigureAwait(false) is { } learner ? [learner] : [],
            null,
            null);
    }

    /// <summary>All objects of a kind; null when the caller may not see them, and none where the cluster does not know the kind, as not every installation does.</summary>
    public async Task<IReadOnlyList<T>?> SeenAsync<T>(string plural, CancellationToken cancellation)
    {
        try
        {
            return await AllowedAsync(() => ListAsync<T>(plural, cancellation)).ConfigureAwait(false);
        }
        catch (HttpOperationException error) when (error.IsNotFound())
        {
            return [];
        }
    }

    /// <summary>The revisions that are kept of a backbone.</summary>
    public async Task<IReadOnlyList<StoredSet>> RevisionsAsync(string backbone, CancellationToken cancellation) =>
        [.. (await SetsAsync(backbone, cancellation).ConfigureAwait(false)).Select(StoredSet.Read).OfType<StoredSet>()];

    /// <summary>What was recorded about an object, the newest first; empty when the caller may not see it.</summary>
    public async Task<IReadOnlyList<Corev1Event>> EventsAsync(string kind, string name, CancellationToken cancellation)
    {
        var events = await AllowedAsync(async () => (await Api.CoreV1.ListNamespacedEventAsync(
            Namespace, fieldSelector: $"involvedObject.kind={kind},involvedObject.name={name}", cancellationToken: cancellation).ConfigureAwait(false)).Items).ConfigureAwait(false);
        return [.. (events ?? []).OrderByDescending(each => each.LastTimestamp ?? each.EventTime ?? each.Metadata.CreationTimestamp)];
    }

    /// <summary>The pods that serve a backbone.</summary>
    public async Task<IList<V1Pod>> RouterPodsAsync(string backbone, CancellationToken cancellation) =>
        (await Api.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: $"{Labels.Backbone}={backbone},{Labels.Component}={Router}", cancellationToken: cancellation).ConfigureAwait(false)).Items;

    /// <summary>The name of a backbone: the one that was named, or the only one that there is.</summary>
    /// <exception cref="PluginException">There is none, or there are several.</exception>
    public async Task<Backbone> BackboneAsync(string? name, CancellationToken cancellation)
    {
        if (name is not null && await FindAsync<Backbone>(Backbone.PluralName, name, cancellation).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        var all = await ListAsync<Backbone>(Backbone.PluralName, cancellation).ConfigureAwait(false);
        var names = string.Join(", ", all.Select(backbone => backbone.Metadata.Name));
        return (name, all) switch
        {
            (not null, _) => throw new PluginException($"There is no Backbone {name} in the namespace {Namespace}; {(all.Count == 0 ? "there is none at all" : $"there are {names}")}."),
            (null, [var only]) => only,
            (null, []) => throw new PluginException($"There is no Backbone in the namespace {Namespace}. -n names another namespace."),
            _ => throw new PluginException($"There are several Backbones in the namespace {Namespace} ({names}): say which one is meant with --backbone.", ExitCode.Usage),
        };
    }

    /// <summary>Server-side apply of one of the resources.</summary>
    public Task<JsonObject> ApplyAsync(string plural, JsonObject manifest, bool isDryRun, bool isForced, CancellationToken cancellation) =>
        Api.CustomObjects.PatchNamespacedCustomObjectAsync<JsonObject>(
            new V1Patch(manifest.ToJsonString(), V1Patch.PatchType.ApplyPatch), ApiNames.Group, ApiNames.Version, Namespace, plural, (string)manifest["metadata"]!["name"]!,
            isDryRun ? "All" : null, FieldManagers.Plugin, force: isForced, cancellationToken: cancellation);

    /// <summary>Server-side apply of a ConfigMap.</summary>
    public Task<V1ConfigMap> ApplyConfigMapAsync(JsonObject manifest, bool isDryRun, bool isForced, CancellationToken cancellation) =>
        Api.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch(manifest.ToJsonString(), V1Patch.PatchType.ApplyPatch), (string)manifest["metadata"]!["name"]!, Namespace,
            isDryRun ? "All" : null, FieldManagers.Plugin, force: isForced, cancellationToken: cancellation);

    /// <summary>The ConfigMaps with examples of a skill that this plugin made; none when the caller may not see them.</summary>
    public async Task<IList<V1ConfigMap>> ExampleMapsAsync(string skill, CancellationToken cancellation) =>
        await AllowedAsync(async () => (await Api.CoreV1.ListNamespacedConfigMapAsync(
            Namespace, labelSelector: $"{Labels.Skill}={skill},{Labels.ManagedBy}={FieldManagers.Plugin}", cancellationToken: cancellation).ConfigureAwait(false)).Items).ConfigureAwait(false) ?? [];

    /// <summary>Deletes a ConfigMap; nothing is to do where there is none.</summary>
    public async Task DeleteConfigMapAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await Api.CoreV1.DeleteNamespacedConfigMapAsync(name, Namespace, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (HttpOperationException error) when (error.IsNotFound())
        {
            // Somebody was quicker.
        }
    }

    /// <summary>A merge patch of a backbone's spec.</summary>
    public Task<Backbone> PatchBackboneAsync(string name, JsonObject patch, bool isDryRun, CancellationToken cancellation) =>
        Api.CustomObjects.PatchNamespacedCustomObjectAsync<Backbone>(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch), ApiNames.Group, ApiNames.Version, Namespace, Backbone.PluralName, name,
            isDryRun ? "All" : null, FieldManagers.Plugin, cancellationToken: cancellation);

    /// <inheritdoc/>
    public void Dispose() => Api.Dispose();

    private static WebSocketBuilder Sockets(HeaderLines? lines, IWebProxy? proxy)
    {
        if (lines is not null)
        {
            return new ImpersonatingSocketBuilder(lines, proxy);
        }

        var builder = new WebSocketBuilder();
        if (proxy is not null)
        {
            builder.Options.Proxy = proxy;
        }

        return builder;
    }

    private async Task<IList<V1ConfigMap>> SetsAsync(string? backbone, CancellationToken cancellation) =>
        (await Api.CoreV1.ListNamespacedConfigMapAsync(
            Namespace, labelSelector: $"{Labels.Component}={Set},{Labels.Backbone}{(backbone is null ? "" : $"={backbone}")}", cancellationToken: cancellation).ConfigureAwait(false)).Items;

    private static async Task<T?> AllowedAsync<T>(Func<Task<T>> call)
        where T : class?
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (HttpOperationException error) when (error.IsForbidden())
        {
            return null;
        }
    }

    private sealed record ItemList<T>
    {
        public IList<T> Items { get; init; } = [];
    }
}
