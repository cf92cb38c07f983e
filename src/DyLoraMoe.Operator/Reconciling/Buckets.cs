using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What a place in a bucket refers to and decides: pure rules. Its Secret is not looked for, since that would take the right to read it.</summary>
internal static class Buckets
{
    /// <summary>What is said of the first ConfigMap of certificates that is not there; null when all are.</summary>
    public static string? MissingAuthorities(ICluster cluster, string @namespace, params IEnumerable<S3Source?> sources) =>
        sources.Select(source => source?.CaBundle?.Name).OfType<string>().FirstOrDefault(name => cluster.Find<V1ConfigMap>(@namespace, name) is null) is { } missing
            ? $"There is no ConfigMap {missing} in this namespace."
            : null;

    /// <summary>Whether one of the places takes its certificates from a ConfigMap of that name.</summary>
    public static bool Trusts(string authorities, params IEnumerable<S3Source?> sources) => sources.Any(source => source?.CaBundle?.Name == authorities);

    /// <summary>What of a place decides on the content, for a hash; nothing where there is none, so that other hashes stay as they were.</summary>
    public static IEnumerable<string?> Identity(S3Source? source) => source is null ? [] : [source.Endpoint, source.Bucket, source.Prefix];
}
