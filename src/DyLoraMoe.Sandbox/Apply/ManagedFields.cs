using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>Who writes: the field manager, how, in which version and through which subresource.</summary>
/// <param name="Manager">The name.</param>
/// <param name="Operation">Apply or Update.</param>
/// <param name="ApiVersion">The version of the request's object.</param>
/// <param name="Subresource">The subresource, empty for none.</param>
internal sealed record FieldManager(string Manager, string Operation, string ApiVersion, string Subresource);

/// <summary>A field of the applied object that another manager owns with another value.</summary>
internal sealed record FieldConflict(FieldManager Owner, string Field);

/// <summary>Keeps <c>metadata.managedFields</c>: which manager owns which fields.</summary>
internal static class ManagedFields
{
    /// <summary>Who owns, once something is applied, what was there before without an owner.</summary>
    private const string Former = "before-first-apply";

    private static readonly string[] Unowned =
    [
        "name", "namespace", "generateName", "creationTimestamp", "uid", "resourceVersion", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
    ];

    /// <summary>Notes in <paramref name="now"/> what an update changed since <paramref name="before"/>, in the list that the client sent if it sent one.</summary>
    public static void Update(JsonObject now, JsonObject? before, Schema schema, FieldManager manager, string time, bool hasStatus)
    {
        List<Entry> entries = manager.Subresource.Length == 0 && IsList(now.Items("metadata", "managedFields")) ? Read(now) : Read(before);
        if (IsReset(now.At("metadata", "managedFields")) || (before is not null && entries.Count == 0))
        {
            // Of an object that nobody keeps account of, nobody does until something is applied.
            now.RemoveAt("metadata", "managedFields");
            return;
        }

        FieldSet changed = new(), removed = new();
        Fields.Compare(Bare(before), Bare(now), schema, changed, removed);
        Reset(changed, manager, hasStatus);
        changed.Member = false;
        removed.Member = false;
        foreach (Entry entry in entries)
        {
            entry.Set.Remove(removed);
            if (entry.Manager != manager)
            {
                entry.Set.Remove(changed);
            }
        }

        if (!changed.IsEmpty)
        {
            Entry own = Own(entries, manager);
            own.Set.Add(changed);
            own.Time = time;
        }

        Write(now, entries);
    }

    /// <summary>Applies an object. The result is the live object with it, or null when there are conflicts that were not forced.</summary>
    public static JsonObject? Apply(
        JsonObject? live, JsonObject applied, Schema schema, FieldManager manager, string time, bool hasStatus, bool force, List<FieldConflict> conflicts)
    {
        List<Entry> entries = Read(live);
        if (live is not null && entries.Count == 0)
        {
            entries.Add(Unkept(live, schema, manager, hasStatus, time));
        }

        JsonObject config = Bare(applied);
        FieldSet stated = Fields.Of(config, schema);
        Reset(stated, manager, hasStatus);
        JsonObject old = Bare(live);
        JsonObject merged = (JsonObject)Merging.Merge(old, config, schema)!;
        FieldSet changed = new(), removed = new();
        Fields.Compare(old, merged, schema, changed, removed);
        changed.Member = false;
        FieldSet others = new(), covered = LastApplied.Own(live, schema, manager);
        foreach (Entry entry in entries.Where(entry => entry.Manager != manager))
        {
            FieldSet contested = entry.Set.Intersect(changed).Intersect(stated);
            entry.Set.Remove(contested);
            others.Add(entry.Set);
            contested.Remove(covered);
            conflicts.AddRange(contested.Paths().Select(path => new FieldConflict(entry.Manager, path)));
        }

        if (conflicts.Count > 0 && !force)
        {
            return null;
        }

        Entry own = Own(entries, manager);
        FieldSet keep = stated.Copy();
        keep.Add(others);
        Merging.Remove(merged, schema, own.Set, keep);
        FieldSet lost = new();
        Fields.Compare(old, merged, schema, new FieldSet(), lost);
        lost.Member = false;
        foreach (Entry entry in entries)
        {
            entry.Set.Remove(lost);
        }

        if (!own.Set.Same(stated) || own.Time.Length == 0)
        {
            own.Time = time;
        }

        own.Set = stated;
        LastApplied.Refresh(merged, applied, manager);
        Restore(merged, live);
        Write(merged, entries);
        return merged;
    }

    /// <summary>Whether a client's list says that nobody owns anything any more.</summary>
    public static bool IsReset(JsonNode? list) => list is JsonArray { Count: 0 } or JsonArray { Count: 1 } and [JsonObject { Count: 0 }];

    private static Entry Unkept(JsonObject live, Schema schema, FieldManager manager, bool hasStatus, string time)
    {
        FieldSet all = new();
        FieldManager former = new(Former, "Update", manager.ApiVersion, "");
        Fields.Compare(new JsonObject(), Bare(live), schema, all, new FieldSet());
        Reset(all, former, hasStatus);
        all.Member = false;
        return new Entry(former, all, time);
    }

    /// <summary>Whether two states of an object differ in nothing but the times of their managed fields.</summary>
    public static bool Unchanged(JsonObject before, JsonObject now) => Timeless(before).Same(Timeless(now));

    private static JsonObject Timeless(JsonObject item)
    {
        JsonObject copy = item.Copy();
        copy.RemoveAt("metadata", "resourceVersion");
        foreach (JsonObject entry in copy.Items("metadata", "managedFields").OfType<JsonObject>())
        {
            entry.Remove("time");
        }

        return copy;
    }

    /// <summary>The object without what nobody owns.</summary>
    private static JsonObject Bare(JsonObject? item)
    {
        JsonObject bare = item?.Copy() ?? [];
        bare.Remove("apiVersion");
        bare.Remove("kind");
        if (bare.Map("metadata") is { } metadata)
        {
            foreach (string name in Unowned)
            {
                metadata.Remove(name);
            }

            if (metadata.Count == 0)
            {
                bare.Remove("metadata");
            }
        }

        return bare;
    }

    private static void Restore(JsonObject merged, JsonObject? live)
    {
        JsonObject metadata = merged.Ensure("metadata");
        foreach (string name in Unowned)
        {
            if (live.At("metadata", name) is { } value)
            {
                metadata[name] = value.DeepClone();
            }
        }
    }

    /// <summary>Takes out what the request's path does not write.</summary>
    private static void Reset(FieldSet set, FieldManager manager, bool hasStatus)
    {
        if (manager.Subresource.Length == 0 && hasStatus)
        {
            set.RemoveTree("f:status");
        }
        else if (manager.Subresource == "status")
        {
            set.RemoveTree("f:spec");
            set.RemoveTree("f:metadata");
        }
    }

    private static Entry Own(List<Entry> entries, FieldManager manager)
    {
        Entry? own = entries.Find(entry => entry.Manager == manager);
        if (own is null)
        {
            entries.Add(own = new Entry(manager, new FieldSet(), ""));
        }

        return own;
    }

    /// <summary>Whether a client's list can be used; one that cannot be read is no reason to forget who owns what.</summary>
    private static bool IsList(IList<JsonNode?> list) => list.Count > 0 && list.All(entry =>
        entry.Text("operation") is "Apply" or "Update" && entry.Text("fieldsType") == "FieldsV1" && entry.Text("apiVersion") is { Length: > 0 }
        && FieldSet.IsReadable(entry.At("fieldsV1")));

    private static List<Entry> Read(JsonObject? item) => [.. item.Items("metadata", "managedFields").Select(entry => new Entry(
        new FieldManager(entry.Text("manager") ?? "", entry.Text("operation") ?? "", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? ""),
        FieldSet.Read(entry.At("fieldsV1")), Time(entry.Text("time"))))];

    /// <summary>A time without fractions, which some clients add.</summary>
    private static string Time(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
        ? time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : "";

    private static void Write(JsonObject item, List<Entry> entries)
    {
        JsonArray list = [];
        foreach (Entry entry in entries.Where(entry => !entry.Set.IsEmpty)
            .OrderBy(entry => entry.Manager.Operation == "Apply" ? 0 : 1).ThenBy(entry => entry.Time, StringComparer.Ordinal).ThenBy(entry => entry.Manager.Manager, StringComparer.Ordinal))
        {
            JsonObject written = new()
            {
                ["manager"] = entry.Manager.Manager,
                ["operation"] = entry.Manager.Operation,
                ["apiVersion"] = entry.Manager.ApiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = entry.Set.Write(),
            };
            if (entry.Time.Length > 0)
            {
                written["time"] = entry.Time;
            }

            if (entry.Manager.Subresource.Length > 0)
            {
                written["subresource"] = entry.Manager.Subresource;
            }

            list.Add((JsonNode)written);
        }

        if (list.Count > 0)
        {
            item.Ensure("metadata")["managedFields"] = list;
        }
        else
        {
            item.RemoveAt("metadata", "managedFields");
        }
    }

    private sealed class Entry(FieldManager manager, FieldSet set, string time)
    {
        public FieldManager Manager { get; } = manager;

        public FieldSet Set { get; set; } = set;

        public string Time { get; set; } = time;
    }
}
