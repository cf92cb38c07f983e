using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Patches objects in each of the four ways.</summary>
internal sealed class ObjectPatcher(Cluster cluster, ObjectWriter writer)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";
    private static readonly string[] All = [JsonPatchType, MergePatchType, StrategicType, ApplyType];

    /// <summary>The media types of patches that a kind takes.</summary>
    public static IEnumerable<string> Types(ResourceKind kind) => All.Where(type => !kind.IsCustom || type != StrategicType);

    /// <summary>Patches the request's object.</summary>
    public async Task<(JsonObject Item, bool Created)> PatchAsync(ApiRequest request)
    {
        string type = RequestBody.Type(request.Http.Request);
        if (!Types(request.Kind).Contains(type))
        {
            throw ApiException.UnsupportedMediaType(type, Types(request.Kind));
        }

        List<string> duplicates = [];
        JsonNode patch = await RequestBody.NodeAsync(request.Http.Request, type, duplicates).ConfigureAwait(false)
            ?? throw ApiException.BadRequest("expected a patch, found an empty body");
        return type == ApplyType
            ? await ApplyAsync(request, patch as JsonObject ?? throw ApiException.BadRequest("error decoding YAML: expected an object"), duplicates).ConfigureAwait(false)
            : await writer.UpdateAsync(request, old => Decoding.Decode(Patched(old ?? throw ApiException.NotFound(request.Kind, request.Name), patch, type, request), request, duplicates)).ConfigureAwait(false);
    }

    /// <summary>The object after a patch that is no apply.</summary>
    public static JsonObject Patched(JsonObject old, JsonNode patch, string type, ApiRequest request)
    {
        try
        {
            JsonNode? result = type switch
            {
                JsonPatchType => JsonPatch.Run(old, patch as JsonArray ?? throw new FormatException("expected a list of operations in a JSON patch")),
                MergePatchType => JsonPatch.Merge(old, patch),
                _ => StrategicPatch.Run(old, patch as JsonObject ?? throw new FormatException("expected an object as a strategic merge patch"), request.Kind.Schema),
            };
            return result as JsonObject ?? throw new FormatException("the patch leaves no object");
        }
        catch (FormatException error) when (type == JsonPatchType && patch is JsonArray)
        {
            throw new ApiException(422, "Invalid", $"the server rejected our request due to an error in our request: {error.Message}", []);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or InvalidCastException)
        {
            throw ApiException.BadRequest(error.Message);
        }
    }

    private Task<(JsonObject Item, bool Created)> ApplyAsync(ApiRequest request, JsonObject body, List<string> duplicates)
    {
        if (request.Query("fieldManager") is null)
        {
            throw ApiException.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        JsonObject applied = Decoding.Decode(body, request, duplicates);
        if (applied.Items("metadata", "managedFields").Count > 0)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        FieldManager manager = request.Manager("Apply");
        return writer.UpdateAsync(request, old =>
        {
            if (old is null && request.Subresource.Length > 0)
            {
                throw ApiException.NotFound(request.Kind, request.Name);
            }

            List<FieldConflict> conflicts = [];
            JsonObject merged = ManagedFields.Apply(old, applied, request.Kind.Schema, manager, cluster.Now, request.Kind.HasStatus, request.Force, conflicts)
                ?? throw Conflict(conflicts);
            merged["apiVersion"] = request.Kind.ApiVersion;
            merged["kind"] = request.Kind.Kind;
            JsonObject metadata = merged.Ensure("metadata");
            metadata.Default("name", applied.Text("metadata", "name"));
            if (applied.Text("metadata", "resourceVersion") is { Length: > 0 } version)
            {
                metadata["resourceVersion"] = version;
            }

            return merged;
        }, "Apply", manager);
    }

    private static ApiException Conflict(List<FieldConflict> conflicts)
    {
        static string Who(FieldManager owner) => $"conflict with \"{owner.Manager}\"{(owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "")} using {owner.ApiVersion}";
        JsonArray causes = new([.. conflicts.Select(conflict => new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = Who(conflict.Owner),
            ["field"] = conflict.Field,
        })]);
        IEnumerable<string> owners = conflicts.GroupBy(conflict => Who(conflict.Owner), StringComparer.Ordinal).Select(group => group.Count() == 1
            ? $"{group.Key}: {group.First().Field}"
            : $"{group.Key}:\n{string.Join('\n', group.Select(conflict => "- " + conflict.Field))}");
        string message = $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: {string.Join('\n', owners)}";
        return new ApiException(409, "Conflict", message, new JsonObject { ["causes"] = causes });
    }
}
