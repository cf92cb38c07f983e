using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Empties namespaces and definitions that are being deleted, then lets them go; forgets old events.</summary>
internal sealed partial class Cleaner(Cluster cluster, ObjectDeleter deleter, ILogger<Cleaner> log) : BackgroundService
{
    /// <summary>The finalizer that keeps a definition until its objects are gone.</summary>
    public const string DefinitionFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    private static readonly TimeSpan EventSweep = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _wake = new(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        cluster.Store.Published += Look;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await _wake.WaitAsync(EventSweep, stoppingToken).ConfigureAwait(false);
                try
                {
                    await CleanAsync().ConfigureAwait(false);
                }
                catch (ApiException error)
                {
                    LogRetry(log, error.Message);
                    await Task.Delay(TimeSpan.FromMilliseconds(200), cluster.Time, stoppingToken).ConfigureAwait(false);
                    _wake.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        finally
        {
            cluster.Store.Published -= Look;
        }
    }

    private void Look(StoreEvent change)
    {
        bool owner = change.Key.Collection is "/namespaces" or CustomKinds.Definitions;
        if ((change.Current is null || owner) && _wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private async Task CleanAsync()
    {
        StoreView view = cluster.Store.View;
        foreach (StoredObject definition in view.List(CustomKinds.Definitions).Where(IsTerminating))
        {
            string collection = $"{definition.Shared.Text("spec", "group")}/{definition.Shared.Text("spec", "names", "plural")}";
            await EmptyAsync(collection, null).ConfigureAwait(false);
            if (!cluster.Store.View.List(collection).Any())
            {
                await FinishAsync(definition.Key, item => RemoveFinalizer(item, "metadata")).ConfigureAwait(false);
            }
        }

        foreach (StoredObject space in view.List("/namespaces").Where(IsTerminating))
        {
            foreach (string collection in Namespaced())
            {
                await EmptyAsync(collection, space.Key.Name).ConfigureAwait(false);
            }

            if (!Namespaced().Any(collection => cluster.Store.View.List(collection, space.Key.Name).Any()))
            {
                await FinishAsync(space.Key, item => item.Ensure("spec").Remove("finalizers")).ConfigureAwait(false);
            }
        }

        DateTimeOffset oldest = cluster.Time.GetUtcNow() - cluster.Options.EventLifetime;
        foreach (StoredObject old in view.List("/events").Where(item => IsOlder(item, oldest)))
        {
            await cluster.Store.WriteAsync(old.Key, old.Version, null).ConfigureAwait(false);
        }
    }

    private IEnumerable<string> Namespaced() =>
        cluster.Catalog.Kinds.Where(kind => kind.Namespaced && kind.Verbs.Contains("delete")).Select(kind => kind.Collection).Distinct();

    private async Task EmptyAsync(string collection, string? space)
    {
        foreach (StoredObject item in cluster.Store.View.List(collection, space).Where(item => !IsTerminating(item)).ToList())
        {
            ResourceKind? kind = cluster.Catalog.Kinds.FirstOrDefault(kind => kind.Collection == collection);
            if (kind is not null && cluster.Store.Latest(item.Key) is not null)
            {
                try
                {
                    await deleter.DeleteAsync(kind, item.Key, DeleteOptions.Plain).ConfigureAwait(false);
                }
                catch (ApiException error) when (error.Code == 404)
                {
                    // Somebody else was faster.
                }
            }
        }
    }

    private async Task FinishAsync(ObjectKey key, Func<JsonObject, bool> finish)
    {
        while (cluster.Store.Latest(key) is { } item)
        {
            ResourceKind kind = cluster.Catalog.Kinds.First(kind => kind.Collection == key.Collection);
            JsonObject state = item.Parse();
            if (!finish(state) || await cluster.Store.WriteAsync(key, item.Version, ObjectWriter.IsFinished(kind, state) ? null : state).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }

    private static bool RemoveFinalizer(JsonObject item, string field)
    {
        JsonObject metadata = item.Ensure(field);
        List<string> left = [.. metadata.Texts("finalizers").Where(name => name != DefinitionFinalizer)];
        bool had = left.Count < metadata.Items("finalizers").Count;
        metadata["finalizers"] = new JsonArray([.. left.Select(name => (JsonNode?)name)]);
        return had;
    }

    private static bool IsTerminating(StoredObject item) => item.Shared.Text("metadata", "deletionTimestamp") is not null;

    private static bool IsOlder(StoredObject item, DateTimeOffset oldest)
    {
        string? seen = item.Shared.Text("series", "lastObservedTime") ?? item.Shared.Text("lastTimestamp") ?? item.Shared.Text("metadata", "creationTimestamp");
        return DateTimeOffset.TryParse(seen, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out DateTimeOffset time) && time < oldest;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cleaning up goes on in a moment: {Reason}")]
    private static partial void LogRetry(ILogger log, string reason);
}
