using System.Collections.Concurrent;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>Asks every router that is ready which share of its prompts each expert had.</summary>
internal sealed class TrafficReader(ICluster cluster, TrafficShares shares, RouterPages pages)
{
    private const int AtOnce = 8;

    /// <summary>Asks all of them once.</summary>
    /// <returns>The experts whose status says something else by now.</returns>
    public async Task<IReadOnlyList<LoraExpert>> ReadAsync(CancellationToken cancellationToken)
    {
        var told = new ConcurrentBag<(ObjectKey Backbone, RouterTraffic Traffic)>();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(RouterPages.Serving(cluster), limits, async (pod, token) =>
        {
            // The page for Prometheus, since that one asks for no API key.
            if (await pages.AskAsync(pod, "metrics", null, token) is { } page && RouterTraffic.Parse(page) is { } traffic)
            {
                told.Add((RouterPages.BackboneOf(pod), traffic));
            }
        });
        shares.Take(cluster.ListAll<Backbone>().Select(backbone => ObjectKey.Of(backbone)), told.ToLookup(each => each.Backbone, each => each.Traffic));
        return [.. cluster.ListAll<LoraExpert>().Where(expert => shares.Next(expert, expert.Status) != expert.Status.TrafficSharePercent)];
    }
}
