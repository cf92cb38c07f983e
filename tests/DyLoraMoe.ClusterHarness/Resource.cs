using System.Text.Json.Nodes;
using DyLoraMoe.Testing.Resources;
using k8s;
using k8s.Autorest;

namespace DyLoraMoe.ClusterHarness;

/// <summary>Objects as the API server shows them to anybody: JSON, read without the product's own classes.</summary>
internal sealed class Resource(Kubernetes client, string plural, string group = "dylora.dev", string version = "v1alpha1", string @namespace = "default")
{
    private static readonly TimeSpan _between = TimeSpan.FromMinutes(5);

    public async Task<JsonObject?> FindAsync(string name)
    {
        try
        {
            return await client.CustomObjects.GetNamespacedCustomObjectAsync<JsonObject>(group, version, @namespace, plural, name);
        }
        catch (HttpOperationException error) when (error.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates an object from its manifest in YAML, without what kubectl takes to start.</summary>
    public Task CreateAsync(string manifest) => CreateAsync(YamlJson.Read(manifest).Single().AsObject(), dryRun: false);

    public Task<JsonObject> CreateAsync(JsonObject manifest, bool dryRun) =>
        client.CustomObjects.CreateNamespacedCustomObjectAsync<JsonObject>(manifest, group, version, @namespace, plural, dryRun: dryRun ? "All" : null);

    public Task<JsonObject> ReplaceAsync(JsonObject manifest) =>
        client.CustomObjects.ReplaceNamespacedCustomObjectAsync<JsonObject>(manifest, group, version, @namespace, plural, manifest.Name());

    public async Task<IReadOnlyList<JsonObject>> ListAsync()
    {
        var list = await client.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>(group, version, @namespace, plural);
        return [.. list["items"]!.AsArray().Select(item => item!.AsObject())];
    }

    /// <summary>Waits until all objects together are as asked.</summary>
    /// <param name="isDone">Whether they are.</param>
    /// <param name="patience">How long at most.</param>
    /// <param name="what">What is waited for, for the message.</param>
    public async Task<IReadOnlyList<JsonObject>> UntilAsync(Func<IReadOnlyList<JsonObject>, bool> isDone, TimeSpan patience, string what)
    {
        using var end = new CancellationTokenSource(patience);
        IReadOnlyList<JsonObject> items = [];
        while (true)
        {
            try
            {
                var list = await client.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>(group, version, @namespace, plural, cancellationToken: end.Token);
                items = [.. list["items"]!.AsArray().Select(item => item!.AsObject())];
                if (isDone(items))
                {
                    return items;
                }

                await NextChangeAsync((string)list["metadata"]!["resourceVersion"]!, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited {patience} for {what}; {plural} are:\n{string.Join('\n', items.Select(Summary))}\n{await OthersAsync()}");
            }
            catch (HttpRequestException) when (!end.IsCancellationRequested)
            {
                // The API server is away, which some tests want; nothing to wait on but time.
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until one object is as asked; null stands for one that is not there.</summary>
    public async Task<JsonObject?> UntilAsync(string name, Func<JsonObject?, bool> isDone, TimeSpan patience, string what)
    {
        var items = await UntilAsync(all => isDone(all.FirstOrDefault(item => item.Name() == name)), patience, $"{plural}/{name}: {what}");
        return items.FirstOrDefault(item => item.Name() == name);
    }

    private async Task NextChangeAsync(string resourceVersion, CancellationToken cancellation)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        life.CancelAfter(_between);
        try
        {
            await foreach (var _ in client.CustomObjects.WatchListNamespacedCustomObjectAsync(group, version, @namespace, plural, resourceVersion: resourceVersion, cancellationToken: life.Token))
            {
                return;
            }
        }
        catch (Exception error) when (error is HttpOperationException or KubernetesException or IOException)
        {
            // A watch that ended or is too old: the next list starts over.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }
    }

    // What a person would look at next.
    private async Task<string> OthersAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            var lines = new List<string>();
            foreach (var other in new[] { "backbones", "skills", "loraexperts", "consolidations", "growths" }.Where(other => other != plural))
            {
                var list = await client.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>("dylora.dev", "v1alpha1", @namespace, other, cancellationToken: limit.Token);
                lines.AddRange(list["items"]!.AsArray().Select(item => $"{other}/{Summary(item!.AsObject())}"));
            }

            var jobs = await client.BatchV1.ListNamespacedJobAsync(@namespace, cancellationToken: limit.Token);
            lines.AddRange(jobs.Items.Select(job => $"jobs/{job.Metadata.Name}: active {job.Status?.Active}, succeeded {job.Status?.Succeeded}, failed {job.Status?.Failed}, suspended {job.Spec.Suspend}"));
            var deployments = await client.AppsV1.ListNamespacedDeploymentAsync(@namespace, cancellationToken: limit.Token);
            lines.AddRange(deployments.Items.Select(each => $"deployments/{each.Metadata.Name}: generation {each.Metadata.Generation}, observed {each.Status?.ObservedGeneration}, updated {each.Status?.UpdatedReplicas}, ready {each.Status?.ReadyReplicas} of {each.Status?.Replicas}"));
            var pods = await client.CoreV1.ListNamespacedPodAsync(@namespace, cancellationToken: limit.Token);
            lines.AddRange(pods.Items.Select(pod => $"pods/{pod.Metadata.Name}: {pod.Status?.Phase}, ready {pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status}, leaving {pod.Metadata.DeletionTimestamp is not null}"));
            return string.Join('\n', lines);
        }
        catch (Exception error) when (error is HttpOperationException or HttpRequestException or OperationCanceledException)
        {
            return $"what else there is could not be read: {error.Message}";
        }
    }

    private static string Summary(JsonObject item) =>
        $"{item.Name()}: {string.Join("; ", item.Conditions().Select(condition => $"{condition.Type}={condition.Status} {condition.Reason} {condition.Message}"))}";
}

/// <summary>Ways to read an object.</summary>
internal static class ResourceReading
{
    public static string Name(this JsonObject item) => (string)item["metadata"]!["name"]!;

    public static JsonNode? Status(this JsonObject? item, params string[] path) =>
        path.Aggregate(item?["status"], (node, name) => node?[name]);

    public static IEnumerable<(string Type, string Status, string Reason, string Message)> Conditions(this JsonObject? item) =>
        item?["status"]?["conditions"]?.AsArray().Select(condition => (
            (string)condition!["type"]!, (string)condition["status"]!, (string?)condition["reason"] ?? "", (string?)condition["message"] ?? "")) ?? [];

    public static bool Has(this JsonObject? item, string condition, string status, string? reason = null) =>
        item.Conditions().Any(each => each.Type == condition && each.Status == status && (reason is null || each.Reason == reason));

    public static bool IsReady(this JsonObject? item) => item.Has("Ready", "True") && (long?)item.Status("observedGeneration") == (long?)item!["metadata"]!["generation"];
}
