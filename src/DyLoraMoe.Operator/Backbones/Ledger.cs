using System.Collections.Concurrent;
using System.Net;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>
/// Digests that no resource names any more: those that are kept all the same, and those that are to be removed. In a ConfigMap of the Backbone, since
/// the resources that named them are gone.
/// </summary>
internal sealed record Ledger
{
    /// <summary>Key in the ConfigMap.</summary>
    public const string FileName = "ledger.json";

    // More would mean that somebody writes it all the time.
    private const int MostTries = 4;

    // The ledger is read, changed and written; its writers are all in this process, but for that of a leader that does not know yet that it leads no more.
    private static readonly ConcurrentDictionary<ObjectKey, SemaphoreSlim> _writing = new();

    /// <summary>Digests that stay although nothing refers to them.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Digests that are waiting to be removed.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];

    /// <summary>How often something was released, also what had been before: what a job has removed may have come again.</summary>
    public int Releases { get; init; }

    /// <summary>Since when a Backbone that is being deleted waits for them to be removed; null before.</summary>
    public DateTimeOffset? AwaitedSince { get; init; }

    /// <summary>The ledger of a backbone; an empty one when there is none.</summary>
    public static Ledger Of(ICluster cluster, Backbone backbone) =>
        Read(cluster.Find<V1ConfigMap>(backbone.Metadata.NamespaceProperty, ChildNames.Ledger(backbone.Metadata.Name)));

    /// <summary>Writes down what becomes of an artifact whose resource goes.</summary>
    public static Task NoteAsync(ICluster cluster, Backbone backbone, string digest, bool isKept, CancellationToken cancellationToken) =>
        ChangeAsync(
            cluster,
            backbone,
            ledger => isKept
                ? ledger with { Kept = With(ledger.Kept, digest), Released = Without(ledger.Released, [digest]) }
                : ledger with { Kept = Without(ledger.Kept, [digest]), Released = With(ledger.Released, digest), Releases = ledger.Releases + 1 },
            cancellationToken);

    /// <summary>Forgets digests that were removed.</summary>
    public static Task ForgetAsync(ICluster cluster, Backbone backbone, IReadOnlyCollection<string> digests, CancellationToken cancellationToken) =>
        ChangeAsync(cluster, backbone, ledger => ledger with { Released = Without(ledger.Released, digests) }, cancellationToken);

    /// <summary>Writes down that a Backbone that is being deleted waits, unless it did already.</summary>
    /// <returns>Since when it does.</returns>
    public static async Task<DateTimeOffset> AwaitAsync(ICluster cluster, Backbone backbone, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await ChangeAsync(cluster, backbone, ledger => ledger with { AwaitedSince = ledger.AwaitedSince ?? now }, cancellationToken)).AwaitedSince ?? now;

    private static async Task<Ledger> ChangeAsync(ICluster cluster, Backbone backbone, Func<Ledger, Ledger> change, CancellationToken cancellationToken)
    {
        var gate = _writing.GetOrAdd(ObjectKey.Of(backbone), _ => new(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var (ns, name) = (backbone.Metadata.NamespaceProperty, ChildNames.Ledger(backbone.Metadata.Name));
            var found = cluster.Find<V1ConfigMap>(ns, name);
            for (var tries = 1; ; tries++)
            {
                var old = Read(found);
                var now = change(old);
                if (old.Kept.SequenceEqual(now.Kept) && old.Released.SequenceEqual(now.Released) && old.Releases == now.Releases && old.AwaitedSince == now.AwaitedSince)
                {
                    return old;
                }

                try
                {
                    await WriteAsync(cluster, backbone, now, found, cancellationToken);
                    return now;
                }
                catch (ClusterException error) when (tries < MostTries && (error.IsConflict || (error.IsRejected && found is not null)))
                {
                    // Somebody else wrote it, or deleted it.
                    found = await cluster.ReadOneAsync<V1ConfigMap>(ns, name, cancellationToken);
                }
            }
        }
        finally
        {
            gate.Release();
        }
    }

    // Only over what was read: what somebody else has written since must not be lost.
    private static async Task WriteAsync(ICluster cluster, Backbone backbone, Ledger ledger, V1ConfigMap? found, CancellationToken cancellationToken)
    {
        var map = new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new()
            {
                Name = ChildNames.Ledger(backbone.Metadata.Name),
                NamespaceProperty = backbone.Metadata.NamespaceProperty,
                Labels = CommonLabels.Of(backbone.Metadata.Name, "ledger"),
                OwnerReferences = [Owner.Of(backbone)],
                ResourceVersion = found?.Metadata.ResourceVersion,
            },
            Data = new Dictionary<string, string> { [FileName] = ContractJson.Write(ledger) },
        };
        NameTakenException.ThrowIfForeign(map, found);
        if (found is not null)
        {
            await cluster.ApplyAsync(map, cancellationToken);
        }
        else if (await cluster.GetOrCreateAsync(map, cancellationToken) is var other && TextOf(other) != map.Data[FileName])
        {
            NameTakenException.ThrowIfForeign(map, other);
            throw new ClusterException(HttpStatusCode.Conflict, $"ConfigMap {map.Metadata.Name} was written by somebody else meanwhile.");
        }
    }

    private static Ledger Read(V1ConfigMap? map) => TextOf(map) is { } text ? ContractJson.Read<Ledger>(text) : new();

    private static string? TextOf(V1ConfigMap? map) => map?.Data is { } data && data.TryGetValue(FileName, out var text) ? text : null;

    private static IReadOnlyList<string> With(IReadOnlyList<string> digests, string digest) => [.. digests.Append(digest).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Without(IReadOnlyList<string> digests, IReadOnlyCollection<string> gone) => [.. digests.Where(digest => !gone.Contains(digest))];
}
