using System.Runtime.CompilerServices;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Sets;

/// <summary>Sets in ConfigMaps: immutable, and each there is was accepted.</summary>
internal static class SetStore
{
    // A set of a thousand experts is read by every visit to each of them.
    private static readonly ConditionalWeakTable<V1ConfigMap, KnownSet> _read = [];

    private static KnownSet? _readLast;

    /// <summary>A set's ConfigMap without its documents, which are remembered as what they mean: over a thousand experts the texts are many times as large.</summary>
    public static V1ConfigMap Understood(V1ConfigMap map)
    {
        if (Read(map) is not null)
        {
            map.Data = map.Data.Keys.ToDictionary(key => key, _ => "");
        }

        return map;
    }

    /// <summary>All sets of a backbone, the newest first.</summary>
    public static IReadOnlyList<KnownSet> Sets(this ICluster cluster, Backbone backbone) =>
    [
        .. cluster.ListOwned<V1ConfigMap>(backbone)
            .Where(map => map.Data?.ContainsKey(SetRevision.FileName) == true && backbone.Owns(map))
            .Select(Read)
            .OfType<KnownSet>()
            .OrderByDescending(set => set.Map.Metadata.CreationTimestamp)
            .ThenBy(set => set.Revision, StringComparer.Ordinal),
    ];

    /// <summary>The set of a revision; null when there is none.</summary>
    public static KnownSet? FindSet(this ICluster cluster, Backbone backbone, string? revision) =>
        revision is not null
        && cluster.Find<V1ConfigMap>(backbone.Metadata.NamespaceProperty, ChildNames.Set(backbone.Metadata.Name, revision)) is { } map
        && Read(map) is { } set
        && set.Revision == revision
            ? set
            : null;

    /// <summary>The set of a revision as the API server has it now, past the cache; null when there is none.</summary>
    public static async Task<KnownSet?> ReadSetAsync(this ICluster cluster, Backbone backbone, string revision, CancellationToken cancellationToken)
    {
        var map = await cluster.ReadOneAsync<V1ConfigMap>(backbone.Metadata.NamespaceProperty, ChildNames.Set(backbone.Metadata.Name, revision), cancellationToken);
        return map is not null && Read(map) is { } set && set.Revision == revision ? set with { Map = Understood(map) } : null;
    }

    /// <summary>The set that is served; null before the first.</summary>
    public static KnownSet? ActiveSet(this ICluster cluster, Backbone backbone) => cluster.FindSet(backbone, backbone.Status.ActiveRevision);

    /// <summary>
    /// Why nothing may be begun on a backbone now: the set that it serves is not to be found, and what is made without it would be made as if nothing were served. Null where
    /// it is there, and before the first.
    /// </summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="active">What <see cref="ActiveSet"/> says of it.</param>
    public static string? LossOf(Backbone backbone, KnownSet? active) => active is null && backbone.Status.ActiveRevision is { } revision
        ? $"Backbone {backbone.Metadata.Name} serves revision {ShortOf(revision)}, whose ConfigMap is not to be found; its condition SetResolved says what to do."
        : null;

    /// <summary>The ConfigMap of a set.</summary>
    public static V1ConfigMap MapOf(Backbone backbone, SetRevision set, SetFacts facts, IReadOnlyList<string> changes)
    {
        var revision = set.ComputeRevision();
        var labels = CommonLabels.Of(backbone.Metadata.Name, "set");
        labels[Labels.Revision] = ShortOf(revision);
        return new()
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new()
            {
                Name = ChildNames.Set(backbone.Metadata.Name, revision),
                NamespaceProperty = backbone.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [Annotations.Revision] = revision, [JobNotes.Changes] = string.Join(',', changes) },
                OwnerReferences = [Owner.Of(backbone)],
            },
            Immutable = true,
            Data = new Dictionary<string, string>
            {
                [SetRevision.FileName] = ContractJson.Write(set),
                [SetFacts.FileName] = ContractJson.Write(facts),
            },
        };
    }

    /// <summary>The first digits of a revision, for names and labels.</summary>
    public static string ShortOf(string revision) => revision[(revision.IndexOf(':', StringComparison.Ordinal) + 1)..][..Hash.NameDigits];

    private static KnownSet? Read(V1ConfigMap map)
    {
        if (_read.TryGetValue(map, out var known))
        {
            return known;
        }

        try
        {
            if (map.Data is null || !map.Data.TryGetValue(SetRevision.FileName, out var text))
            {
                return null;
            }

            var set = Whole(ContractJson.Read<SetRevision>(text));
            var facts = Whole(map.Data.TryGetValue(SetFacts.FileName, out var more) ? ContractJson.Read<SetFacts>(more) : new());
            known = Sharing(new(map.Note(Annotations.Revision) ?? set.ComputeRevision(), set, facts, map));
            _read.AddOrUpdate(map, known);
            return known;
        }
        catch (InvalidDataException)
        {
            // A newer version's, left by a roll back of the operator, or one that somebody wrote by hand.
            return null;
        }
    }

    // JSON can say null where no null may be, and a name twice.
    private static SetRevision Whole(SetRevision set)
    {
        if (set is not { Backbone: not null, Experts: { } experts } || experts.Any(member => member?.Name is null) || experts.DistinctBy(member => member.Name, StringComparer.Ordinal).Count() < experts.Count)
        {
            throw new InvalidDataException($"Expected a {SetRevision.FileName} with a backbone and with experts of different names, found one without a backbone, without experts, or with an expert that has no name or another's.");
        }

        return set;
    }

    private static SetFacts Whole(SetFacts facts) =>
        facts is { Maturity: { } maturity, Learned: { } learned, GrownFrom: { } grownFrom, Growths: { } growths } && !maturity.ContainsValue(null!) && learned.Values.All(each => each?.Contains(null) == false) && !grownFrom.Contains(null!) && growths.All(step => step is { Growth: not null, Plan: not null, From: not null, Backbone: not null })
            ? facts
            : throw new InvalidDataException($"Expected a {SetFacts.FileName} that says of each expert how mature it is and what it has learnt, and what the backbone has grown from, found null.");

    // Sets are mostly alike but for an expert or two: what is equal in the one that was read before is the same in both.
    private static KnownSet Sharing(KnownSet read)
    {
        if (Interlocked.Exchange(ref _readLast, read) is not { } last)
        {
            return read;
        }

        var members = last.Set.Experts.ToDictionary(member => member.Name, StringComparer.Ordinal);
        var shared = read with
        {
            Set = read.Set with { Experts = [.. read.Set.Experts.Select(member => members.TryGetValue(member.Name, out var same) && same == member ? same : member)] },
            Facts = read.Facts with
            {
                Maturity = Shared(read.Facts.Maturity, last.Facts.Maturity, (one, other) => one == other),
                Learned = Shared(read.Facts.Learned, last.Facts.Learned, (one, other) => one.SequenceEqual(other)),
            },
        };
        Interlocked.CompareExchange(ref _readLast, shared, read);
        return shared;
    }

    private static SortedDictionary<string, T> Shared<T>(SortedDictionary<string, T> read, SortedDictionary<string, T> last, Func<T, T, bool> areEqual)
    {
        var names = last.Keys.ToDictionary(name => name, StringComparer.Ordinal);
        var shared = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in read)
        {
            shared.Add(names.GetValueOrDefault(name) ?? name, last.TryGetValue(name, out var same) && areEqual(same, value) ? same : value);
        }

        return shared;
    }
}
