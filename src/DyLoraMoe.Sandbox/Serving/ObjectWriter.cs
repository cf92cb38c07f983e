using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Authorization;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Creates and changes objects: defaults, what the server fills, checks, managed fields, the write itself.</summary>
internal sealed class ObjectWriter(Cluster cluster, AccessGuard guard)
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private static readonly string[] FixedMetadata = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion", "selfLink"];
    private static readonly string[] OptionalMetadata = ["labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Creates an object.</summary>
    public async Task<JsonObject> CreateAsync(ApiRequest request, JsonObject item, string operation = "Update")
    {
        ResourceKind kind = request.Kind;
        JsonObject metadata = item.Ensure("metadata");
        PlaceInNamespace(request, metadata);
        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            throw ApiException.BadRequest("resourceVersion should not be set on objects to be created");
        }

        if (string.IsNullOrEmpty(metadata.Text("name")) && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix[..Math.Min(prefix.Length, 58)] + RandomNumberGenerator.GetString(Alphabet, 5);
        }

        foreach (string name in FixedMetadata.AsSpan(2))
        {
            metadata.Remove(name);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = cluster.Now;
        if (kind.HasStatus && !kind.Rules.KeepsStatusOnCreate)
        {
            item.Remove("status");
        }

        StoreView view = cluster.Store.View;
        KindContext context = new(view, cluster.Time, request.Caller.Name);
        Defaulting.Fill(item, kind.Schema);
        kind.Rules.Default(item);
        kind.Rules.PrepareCreate(item, context);
        if (kind.Rules.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        if (operation == "Update")
        {
            ManagedFields.Update(item, null, kind.Schema, request.Manager("Update"), cluster.Now, kind.HasStatus);
        }

        DropEmptyMetadata(metadata);
        ObjectChecks.Require(kind, item, null, "");
        guard.RequireHeld(request, item);
        CheckNamespace(request, view, metadata.Text("name") ?? "");
        string own = metadata.Text("name")!;
        ObjectKey key = Cluster.Key(kind, request.Namespace, own);
        if (cluster.Store.Latest(key) is not null)
        {
            throw ApiException.AlreadyExists(kind, own);
        }

        if (request.DryRun)
        {
            return item;
        }

        StoredObject written = await cluster.Store.WriteAsync(key, 0, Cluster.Stored(kind, item)).ConfigureAwait(false)
            ?? throw ApiException.AlreadyExists(kind, own);
        return Cluster.Show(kind, written);
    }

    /// <summary>
    /// Changes an object. <paramref name="change"/> gets a copy of it (null when it does not exist) and returns what the client wants it to be;
    /// it runs again when somebody else wrote meanwhile, unless what it returns insists on a resource version.
    /// </summary>
    public async Task<(JsonObject Item, bool Created)> UpdateAsync(
        ApiRequest request, Func<JsonObject?, JsonObject> change, string operation = "Update", FieldManager? manager = null)
    {
        ResourceKind kind = request.Kind;
        ObjectKey key = Cluster.Key(kind, request.Namespace, request.Name);
        while (true)
        {
            StoredObject? before = cluster.Store.Latest(key);
            if (before is null)
            {
                JsonObject fresh = change(null);
                guard.RequireCreate(request);
                CheckName(request, fresh);
                if (fresh.Text("metadata", "uid") is { Length: > 0 } missing)
                {
                    throw ApiException.Conflict(kind, request.Name, $"Precondition failed: UID in precondition: {missing}, UID in object meta: ");
                }

                fresh.RemoveAt("metadata", "resourceVersion");
                return (await CreateAsync(request, fresh, operation).ConfigureAwait(false), true);
            }

            JsonObject old = Cluster.Show(kind, before, shared: false);
            JsonObject now = change(old.Copy());
            CheckName(request, now);
            string? insisted = now.Text("metadata", "resourceVersion") is { Length: > 0 } version ? version : null;
            if (insisted is not null && !ulong.TryParse(insisted, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                throw new ApiException(500, "", $"strconv.ParseUint: parsing \"{insisted}\": invalid syntax");
            }

            if (insisted is null && !kind.UpdatesBlindly && request.Http.Request.Method == "PUT")
            {
                throw ApiException.Invalid(kind.Group, kind.IsCustom ? kind.Kind : kind.Plural, request.Name, [new FieldError("metadata.resourceVersion", "FieldValueInvalid", "Invalid value: 0x0: must be specified for an update")]);
            }

            if (insisted is not null && insisted != old.Text("metadata", "resourceVersion"))
            {
                throw ApiException.Modified(kind, request.Name);
            }

            if (now.Text("metadata", "uid") is { Length: > 0 } uid && uid != old.Text("metadata", "uid"))
            {
                throw request.Http.Request.Method == "PATCH"
                    ? ApiException.Invalid(kind.Group, kind.Kind, request.Name, [FieldError.Invalid("metadata.uid", uid, "field is immutable")])
                    : ApiException.Conflict(kind, request.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Text("metadata", "uid")}");
            }

            now = Prepare(request, now, old, operation, manager);
            DropEmptyMetadata(now.Ensure("metadata"));
            ObjectChecks.Require(kind, now, old, request.Subresource);
            if (ManagedFields.Unchanged(old, now))
            {
                return (old, false);
            }

            guard.RequireHeld(request, now);
            if (request.DryRun)
            {
                return (now, false);
            }

            bool finished = IsFinished(kind, now);
            StoredObject? written = await cluster.Store.WriteAsync(key, before.Version, finished ? null : Cluster.Stored(kind, now)).ConfigureAwait(false);
            if (written is not null)
            {
                return (finished ? now : Cluster.Show(kind, written), false);
            }

            if (insisted is not null && operation == "Update" && request.Http.Request.Method == "PUT")
            {
                throw ApiException.Modified(kind, request.Name);
            }
        }
    }

    /// <summary>Whether a deleted object has nothing left to wait for.</summary>
    public static bool IsFinished(ResourceKind kind, JsonObject item) =>
        item.Text("metadata", "deletionTimestamp") is not null
        && item.Items("metadata", "finalizers").Count == 0
        && (item.Whole("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
        && !(kind.Collection == "/namespaces" && item.Items("spec", "finalizers").Count > 0);

    private JsonObject Prepare(ApiRequest request, JsonObject now, JsonObject old, string operation, FieldManager? manager)
    {
        ResourceKind kind = request.Kind;
        KindContext context = new(cluster.Store.View, cluster.Time, request.Caller.Name);
        JsonNode? managed = now.At("metadata", "managedFields")?.DeepClone();
        if (request.Subresource == "status")
        {
            JsonNode? status = now["status"]?.DeepClone();
            now = old.Copy();
            now.Remove("status");
            if (status is not null)
            {
                now["status"] = status;
            }

            Defaulting.Fill(now, kind.Schema);
        }
        else if (request.Subresource == "finalize")
        {
            JsonNode? finalizers = now.At("spec", "finalizers")?.DeepClone();
            now = old.Copy();
            now.Ensure("spec")["finalizers"] = finalizers ?? new JsonArray();
        }
        else
        {
            if (kind.HasStatus)
            {
                now.Remove("status");
                if (old["status"] is { } status)
                {
                    now["status"] = status.DeepClone();
                }
            }

            Keep(now.Ensure("metadata"), old.Map("metadata") ?? []);
            Defaulting.Fill(now, kind.Schema);
            kind.Rules.Default(now);
            kind.Rules.PrepareUpdate(now, old, context);
            if (old.Text("metadata", "deletionTimestamp") is not null && now.Texts("metadata", "finalizers").Except(old.Texts("metadata", "finalizers")).ToList() is { Count: > 0 } added)
            {
                string list = string.Join(", ", added.Select(name => $"\"{name}\""));
                throw ApiException.Invalid(kind.Group, kind.Kind, request.Name, [FieldError.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}")]);
            }
        }

        if (operation == "Apply")
        {
            now.Ensure("metadata").Remove("managedFields");
            if (managed is not null)
            {
                now.Ensure("metadata")["managedFields"] = managed;
            }
        }

        if (kind.Rules.HasGeneration && !Wanted(now).Same(Wanted(old)))
        {
            now.Ensure("metadata")["generation"] = (old.Whole("metadata", "generation") ?? 0) + 1;
        }

        if (operation == "Update")
        {
            ManagedFields.Update(now, old, kind.Schema, manager ?? request.Manager("Update"), cluster.Now, kind.HasStatus);
        }

        return now;
    }

    /// <summary>Lists and maps of the metadata are either absent or hold something.</summary>
    private static void DropEmptyMetadata(JsonObject metadata)
    {
        foreach (string name in OptionalMetadata)
        {
            if (metadata[name] is JsonArray { Count: 0 } or JsonObject { Count: 0 })
            {
                metadata.Remove(name);
            }
        }
    }

    private static void Keep(JsonObject metadata, JsonObject old)
    {
        foreach (string name in FixedMetadata)
        {
            if (old[name] is { } value)
            {
                metadata[name] = value.DeepClone();
            }
            else
            {
                metadata.Remove(name);
            }
        }
    }

    /// <summary>What counts for the generation: everything but metadata and status.</summary>
    private static JsonObject Wanted(JsonObject item)
    {
        JsonObject wanted = item.Copy();
        wanted.Remove("metadata");
        wanted.Remove("status");
        return wanted;
    }

    /// <summary>An object that has the name and the namespace of its path, which it must say.</summary>
    public static JsonObject Named(ApiRequest request, JsonObject item)
    {
        if (string.IsNullOrEmpty(item.Text("metadata", "name")))
        {
            throw ApiException.BadRequest($"the name of the object ({request.Name} based on URL) was undeterminable: name must be provided");
        }

        CheckName(request, item);
        return item;
    }

    private static void CheckName(ApiRequest request, JsonObject item)
    {
        JsonObject metadata = item.Ensure("metadata");
        string name = metadata.Text("name") ?? "";
        if (name.Length == 0)
        {
            metadata["name"] = request.Name;
        }
        else if (name != request.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        }

        PlaceInNamespace(request, metadata);
    }

    private static void PlaceInNamespace(ApiRequest request, JsonObject metadata)
    {
        if (!request.Kind.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        if (request.Namespace.Length == 0)
        {
            throw ApiException.BadRequest("an empty namespace may not be set during creation");
        }

        if (metadata.Text("namespace") is { Length: > 0 } space && space != request.Namespace)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = request.Namespace;
    }

    private static void CheckNamespace(ApiRequest request, StoreView view, string name)
    {
        if (!request.Kind.Namespaced)
        {
            return;
        }

        StoredObject space = view.Find(new ObjectKey("/namespaces", "", request.Namespace)) ?? throw ApiException.NotFound("", "namespaces", request.Namespace);
        if (space.Shared.Text("metadata", "deletionTimestamp") is not null)
        {
            ApiException refusal = ApiException.Forbidden(request.Kind.Group, request.Kind.Plural, name,
                string.Create(CultureInfo.InvariantCulture, $"unable to create new content in namespace {request.Namespace} because it is being terminated"));
            refusal.Details!["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {request.Namespace} is being terminated",
                ["field"] = "metadata.namespace",
            });
            throw refusal;
        }
    }
}
