using System.Collections.Concurrent;
using System.Text.Json;
using DyLoraMoe.ClusterHarness;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>
/// Every Job and every expert that was ever there, told by watches of its own past all faults: what was made twice and is gone again shows here only.
/// </summary>
internal sealed class Journal : IAsyncDisposable
{
    private const string Namespace = "default";

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, string> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _experts = new(StringComparer.Ordinal);
    private readonly Kubernetes _client;
    private Task _watching = Task.CompletedTask;

    private Journal(Kubernetes client) => _client = client;

    /// <summary>Jobs that there were.</summary>
    public int Jobs => _jobs.Count;

    public static async Task<Journal> StartAsync(Kubernetes client)
    {
        var journal = new Journal(client);
        var jobs = await client.BatchV1.ListNamespacedJobAsync(Namespace);
        Assert.Empty(jobs.Items);
        Assert.Empty(await new Resource(client, "loraexperts").ListAsync());
        journal._watching = Task.WhenAll(journal.WatchJobsAsync(jobs.Metadata.ResourceVersion), journal.WatchExpertsAsync(jobs.Metadata.ResourceVersion));
        return journal;
    }

    /// <summary>No work was begun twice, and no expert made twice.</summary>
    public void RequireNothingTwice()
    {
        Assert.False(_watching.IsFaulted, $"The journal has a gap: {_watching.Exception}");
        Assert.NotEmpty(_jobs);
        Assert.Distinct(_jobs.Values);
        Assert.Distinct(_experts.Values);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task WatchJobsAsync(string version)
    {
        while (!_end.IsCancellationRequested)
        {
            await foreach (var (_, job) in _client.BatchV1.WatchListNamespacedJobAsync(Namespace, resourceVersion: version, cancellationToken: _end.Token))
            {
                version = job.ResourceVersion();
                var owner = job.OwnerReferences().Single();
                _jobs[job.Uid()] = $"{job.GetLabel("dylora.dev/job-kind")} for {owner.Kind} {owner.Name} {owner.Uid} of {job.GetAnnotation("dylora.dev/input-hash")}";
            }
        }
    }

    private async Task WatchExpertsAsync(string version)
    {
        while (!_end.IsCancellationRequested)
        {
            await foreach (var (_, expert) in _client.CustomObjects.WatchListNamespacedCustomObjectAsync("dylora.dev", "v1alpha1", Namespace, "loraexperts", resourceVersion: version, cancellationToken: _end.Token))
            {
                var metadata = JsonSerializer.SerializeToElement(expert).GetProperty("metadata");
                version = metadata.GetProperty("resourceVersion").GetString()!;
                _experts[metadata.GetProperty("uid").GetString()!] = metadata.GetProperty("name").GetString()!;
            }
        }
    }
}
