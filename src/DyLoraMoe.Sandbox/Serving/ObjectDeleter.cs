using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>What a client asks of a deletion.</summary>
internal sealed record DeleteOptions(string? Propagation, long? GraceSeconds, string? Uid, string? ResourceVersion, bool DryRun)
{
    /// <summary>A deletion without wishes.</summary>
    public static DeleteOptions Plain { get; } = new("Background", null, null, null, false);

    /// <summary>Reads them from the body and the query.</summary>
    public static async Task<DeleteOptions> ReadAsync(ApiRequest request)
    {
        JsonObject? body = await RequestBody.ObjectAsync(request.Http.Request).ConfigureAwait(false);
        string? propagation = body.Text("propagationPolicy") ?? request.Query("propagationPolicy");
        bool? orphan = body.Flag("orphanDependents") ?? (request.Query("orphanDependents") is { } flag ? flag == "true" : null);
        OptionChecks.CheckDeletion([.. request.Values("dryRun"), .. body.Texts("dryRun")], propagation, orphan is not null);
        return new DeleteOptions(
            propagation ?? (orphan is null ? null : orphan.Value ? "Orphan" : "Background"),
            body.Whole("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds"),
            body.Text("preconditions", "uid"), body.Text("preconditions", "resourceVersion"),
            request.DryRun || body.Texts("dryRun").Contains("All"));
    }
}

/// <summary>Deletes objects: at once, or, with finalizers or a time of grace, by marking them.</summary>
internal sealed class ObjectDeleter(Cluster cluster)
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    /// <summary>Deletes an object. The result says whether it is gone.</summary>
    public async Task<(JsonObject Item, bool Gone)> DeleteAsync(ResourceKind kind, ObjectKey key, DeleteOptions options)
    {
        while (true)
        {
            StoredObject before = cluster.Store.Latest(key) ?? throw ApiException.NotFound(kind, key.Name);
            if (kind.Collection == "/namespaces" && key.Name is "default" or "kube-system" or "kube-public")
            {
                throw ApiException.Forbidden(kind.Group, kind.Plural, key.Name, "this namespace may not be deleted");
            }

            JsonObject item = Cluster.Show(kind, before, shared: false);
            CheckPreconditions(kind, key, item, options);
            bool marked = Mark(kind, item, options);
            bool gone = ObjectWriter.IsFinished(kind, item);
            if (options.DryRun || (!gone && !marked))
            {
                return (item, gone);
            }

            if (await cluster.Store.WriteAsync(key, before.Version, gone ? null : Cluster.Stored(kind, item)).ConfigureAwait(false) is { } written)
            {
                return (Cluster.Show(kind, written), gone);
            }
        }
    }

    private bool Mark(ResourceKind kind, JsonObject item, DeleteOptions options)
    {
        JsonObject metadata = item.Ensure("metadata");
        JsonObject before = item.Copy();
        if (kind.Collection == CustomKinds.Definitions && metadata.Text("deletionTimestamp") is null)
        {
            AddFinalizer(metadata, Cleaner.DefinitionFinalizer);
        }

        switch (options.Propagation ?? kind.Rules.DefaultPropagation)
        {
            case "Foreground":
                RemoveFinalizer(metadata, Orphan);
                AddFinalizer(metadata, Foreground);
                break;
            case "Orphan":
                RemoveFinalizer(metadata, Foreground);
                AddFinalizer(metadata, Orphan);
                break;
            case not null when metadata.Text("deletionTimestamp") is null:
                RemoveFinalizer(metadata, Foreground);
                RemoveFinalizer(metadata, Orphan);
                break;
        }

        long grace = kind.Rules.GraceSeconds(item, options.GraceSeconds) ?? 0;
        DateTimeOffset now = cluster.Time.GetUtcNow();
        if (metadata.Text("deletionTimestamp") is null)
        {
            metadata["deletionTimestamp"] = Cluster.Timestamp(now.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (metadata.Whole("generation") is { } generation)
            {
                metadata["generation"] = generation + 1;
            }

            if (kind.Collection == "/namespaces")
            {
                item.Ensure("status")["phase"] = "Terminating";
            }
        }
        else if (options.GraceSeconds is { } asked && asked < (metadata.Whole("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionGracePeriodSeconds"] = asked;
            metadata["deletionTimestamp"] = Cluster.Timestamp(now.AddSeconds(asked));
        }

        return !before.Same(item);
    }

    /// <summary>Refuses a deletion of another object, or another version of it, than the client means.</summary>
    internal static void CheckPreconditions(ResourceKind kind, ObjectKey key, JsonObject item, DeleteOptions options)
    {
        string uid = item.Text("metadata", "uid") ?? "", version = item.Text("metadata", "resourceVersion") ?? "";
        if (options.Uid is { } wantedUid && wantedUid != uid)
        {
            throw NotMeant(kind, key, $"the UID in the precondition ({wantedUid}) does not match the UID in record ({uid}). The object might have been deleted and then recreated");
        }

        if (options.ResourceVersion is { } wanted && wanted != version)
        {
            throw NotMeant(kind, key, $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({version}). The object might have been modified");
        }
    }

    private static ApiException NotMeant(ResourceKind kind, ObjectKey key, string why)
    {
        string name = kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";
        JsonObject details = new() { ["name"] = key.Name };
        if (kind.Group.Length > 0)
        {
            details["group"] = kind.Group;
        }

        details["kind"] = kind.Kind;
        return new ApiException(409, "Conflict", $"Operation cannot be fulfilled on {name} \"{key.Name}\": {why}", details);
    }

    private static void AddFinalizer(JsonObject metadata, string name)
    {
        if (!metadata.Texts("finalizers").Contains(name))
        {
            JsonArray list = metadata["finalizers"] as JsonArray ?? [];
            list.Add(name);
            metadata["finalizers"] ??= list;
        }
    }

    private static void RemoveFinalizer(JsonObject metadata, string name)
    {
        List<string> left = [.. metadata.Texts("finalizers").Where(finalizer => finalizer != name)];
        if (left.Count == 0)
        {
            metadata.Remove("finalizers");
        }
        else
        {
            metadata["finalizers"] = new JsonArray([.. left.Select(finalizer => (JsonNode?)finalizer)]);
        }
    }
}
