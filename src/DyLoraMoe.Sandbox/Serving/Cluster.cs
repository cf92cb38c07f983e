using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>The state that all requests share: the store, the kinds that are served now, the clock.</summary>
internal sealed class Cluster
{
    private KindCatalog _catalog;

    /// <summary>Makes it on a store.</summary>
    public Cluster(ObjectStore store, SandboxOptions options, TimeProvider time)
    {
        Store = store;
        Options = options;
        Time = time;
        _catalog = CustomKinds.Catalog(store.View);
        store.Published += change =>
        {
            if (change.Key.Collection == CustomKinds.Definitions)
            {
                Volatile.Write(ref _catalog, CustomKinds.Catalog(store.View));
            }
        };
    }

    /// <summary>The objects.</summary>
    public ObjectStore Store { get; }

    /// <summary>How the sandbox runs.</summary>
    public SandboxOptions Options { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The kinds that are served now.</summary>
    public KindCatalog Catalog => Volatile.Read(ref _catalog);

    /// <summary>The time as objects carry it.</summary>
    public string Now => Timestamp(Time.GetUtcNow());

    /// <summary>A time as objects carry it.</summary>
    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>An object as a kind's version shows it; a copy when <paramref name="shared"/> is not allowed.</summary>
    public static JsonObject Show(ResourceKind kind, StoredObject item, bool shared = true)
    {
        if (kind.FromStored is { } convert)
        {
            return convert(item.Parse());
        }

        if (kind.ApiVersion == kind.StoredApiVersion && shared)
        {
            return kind.IsCustom ? item.SharedAs(kind.Schema, Fit) : item.Shared;
        }

        JsonObject result = item.Parse();
        result["apiVersion"] = kind.ApiVersion;
        if (kind.IsCustom)
        {
            Fit(result, kind.Schema);
        }

        return result;
    }

    /// <summary>What the definition no longer describes goes, and what it has defaults for by now is filled in, as if the object were written today.</summary>
    private static void Fit(JsonObject item, Schema schema)
    {
        Pruning.Prune(item, schema);
        Defaulting.Fill(item, schema);
    }

    /// <summary>The form in which an object is stored.</summary>
    public static JsonObject Stored(ResourceKind kind, JsonObject item)
    {
        JsonObject result = kind.ToStored is { } convert ? convert(item) : item.Copy();
        result["apiVersion"] = kind.StoredApiVersion;
        return result;
    }

    /// <summary>Where an object of a kind lives.</summary>
    public static ObjectKey Key(ResourceKind kind, string space, string name) => new(kind.Collection, kind.Namespaced ? space : "", name);
}
