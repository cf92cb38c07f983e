using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Patches objects in each of the four ways.</summary>
internal sealed class ObjectPatcher(Cluster cluster, ObjectWriter writer)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";
    private static readonly string[] NamedByClient = ["name", "namespace"];
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

        request.CheckOptions("PatchOptions", type == ApplyType);
        List<string> duplicates = [];
        JsonNode? patch = await RequestBody.NodeAsync(request.Http.Request, type, duplicates).ConfigureAwait(false);
        return type == ApplyType
            ? await ApplyAsync(request, patch is null ? [] : patch as JsonObject ?? throw ApiException.BadRequest("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"), duplicates).ConfigureAwait(false)
            : await writer.UpdateAsync(request, old => Decoded(request, old ?? throw ApiException.NotFound(request.Kind, request.Name), patch, type, duplicates)).ConfigureAwait(false);
    }

    private static JsonObject Decoded(ApiRequest request, JsonObject old, JsonNode? patch, string type, List<string> duplicates)
    {
        JsonObject patched = Patched(old, patch ?? throw ApiException.BadRequest("error decoding patch: unexpected end of JSON input"), type, request);
        return Decoding.Decode(patched, request, duplicates, why => Refused(type == StrategicType ? patch : patched, why));
    }

    /// <summary>The refusal of a patch that leaves what cannot be read as an object of the kind.</summary>
    public static ApiException Refused(JsonNode shown, string why) => ApiException.Invalid("", "", "", [FieldError.Invalid("patch", JsonText.String(shown), why)]);

    /// <summary>The object after a patch that is no apply.</summary>
    public static JsonObject Patched(JsonObject old, JsonNode patch, string type, ApiRequest request)
    {
        try
        {
            JsonNode? result = type switch
            {
                JsonPatchType => JsonPatch.Run(old, patch as JsonArray ?? throw new FormatException("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")),
                MergePatchType => JsonPatch.Merge(old, patch as JsonObject ?? throw new FormatException($"error decoding patch: json: cannot unmarshal {SchemaValidation.KindName(patch)} into Go value of type map[string]interface {{}}")),
                _ => StrategicPatch.Run(old, patch as JsonObject ?? throw new FormatException($"json: cannot unmarshal {SchemaValidation.KindName(patch)} into Go value of type map[string]interface {{}}"), request.Kind.Schema),
            };
            return result as JsonObject ?? throw new FormatException("the patch leaves no object");
        }
        catch (FormatException) when (type == JsonPatchType && patch is JsonArray)
        {
            throw new ApiException(422, "Invalid", "the server rejected our request due to an error in our request", []);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or InvalidCastException)
        {
            throw ApiException.BadRequest(error.Message);
        }
    }

    private Task<(JsonObject Item, bool Created)> ApplyAsync(ApiRequest request, JsonObject body, List<string> duplicates)
    {
        JsonObject applied = Decoded(request, body, duplicates);
        FieldManager manager = request.Manager("Apply");
        return writer.UpdateAsync(request, old =>
        {
            if (old is null && request.Subresource.Length > 0)
            {
                throw ApiException.NotFound(request.Kind, request.Name);
            }

            if (old is null && applied.Text("metadata", "uid") is { Length: > 0 } uid)
            {
                throw ApiException.Conflict(request.Kind, request.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
            }

            List<FieldConflict> conflicts = [];
            JsonObject merged = ManagedFields.Apply(old, applied, request.Kind.Schema, manager, cluster.Now, request.Kind.HasStatus, request.Force, conflicts)
                ?? throw Conflict(conflicts);
            merged["apiVersion"] = request.Kind.ApiVersion;
            merged["kind"] = request.Kind.Kind;
            JsonObject metadata = merged.Ensure("metadata");

            // What is to be created gets its name here and its version from the store; of what is there, both must be as the client says.
            foreach (string field in old is null ? NamedByClient : [.. NamedByClient, "uid", "resourceVersion"])
            {
                if (applied.Text("metadata", field) is { Length: > 0 } given)
                {
                    metadata[field] = given;
                }
            }

            return old is null ? ObjectWriter.Named(request, merged) : merged;
        }, "Apply", manager);
    }

    /// <summary>An applied object: of the version of the path, with nothing that its schema has not.</summary>
    private static JsonObject Decoded(ApiRequest request, JsonObject body, List<string> duplicates)
    {
        if (duplicates.Count > 0 && request.FieldValidation == "Strict")
        {
            throw ApiException.BadRequest($"error strict decoding YAML: error converting YAML to JSON: {Decoding.YamlErrors(duplicates)}");
        }

        if (request.FieldValidation == "Warn")
        {
            duplicates.ForEach(request.Warn);
        }

        ResourceKind kind = request.Kind;
        string version = body.Text("apiVersion") ?? "", name = body.Text("kind") ?? "";
        if (version != kind.ApiVersion)
        {
            throw ApiException.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {kind.ApiVersion}");
        }

        if (body.At("metadata", "managedFields") is not null)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        IReadOnlyList<string> errors = name == kind.Kind ? TypedPatch.Errors(body, kind.Schema, kind.IsCustom) : [$"no corresponding type for {kind.Group}/{kind.Version}, Kind={name}"];
        if (errors.Count > 0)
        {
            string why = errors.Count == 1 ? errors[0] : $"errors:\n  {string.Join("\n  ", errors)}";
            throw new ApiException(500, "", $"failed to create typed patch object ({body.Text("metadata", "namespace")}/{body.Text("metadata", "name")}; {kind.Group}/{kind.Version}, Kind={name}): {why}");
        }

        return Decoding.Decode(body, request);
    }

    private static ApiException Conflict(List<FieldConflict> conflicts)
    {
        static string Who(FieldManager owner) =>
            $"\"{owner.Manager}\"{(owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "")}{(owner.Operation == "Update" ? $" using {owner.ApiVersion}" : "")}";
        JsonArray causes = new([.. conflicts.Select(conflict => new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = "conflict with " + Who(conflict.Owner),
            ["field"] = conflict.Field,
        })]);
        IEnumerable<string> owners = conflicts.Count == 1
            ? [$"conflict with {Who(conflicts[0].Owner)}: {conflicts[0].Field}"]
            : conflicts.GroupBy(conflict => Who(conflict.Owner), StringComparer.Ordinal).Select(group => $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(conflict => "- " + conflict.Field))}");
        string message = $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: {string.Join('\n', owners)}";
        return new ApiException(409, "Conflict", message, new JsonObject { ["causes"] = causes });
    }
}
