using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Makes what a client sent an object of the request's kind, without fields that the kind has not.</summary>
internal static class Decoding
{
    /// <summary>Checks the types of values, and removes unknown fields: with a warning, or as an error, as the client wants.</summary>
    /// <param name="body">What the client sent.</param>
    /// <param name="request">The request.</param>
    /// <param name="duplicates">What is to be said of names that came twice.</param>
    /// <param name="refuse">Makes the refusal of what cannot be read; by default that of a body.</param>
    public static JsonObject Decode(JsonObject body, ApiRequest request, IReadOnlyList<string>? duplicates = null, Func<string, ApiException>? refuse = null)
    {
        ResourceKind kind = request.Kind;
        CheckType(body, kind, refuse);
        refuse ??= why => ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {why}");
        if (WrongType(body, kind) is { } wrong)
        {
            throw refuse(wrong);
        }

        List<string> unknown = [];
        Pruning.Prune(body, kind.Schema, unknown);
        List<string> problems = [.. unknown.Select(field => $"unknown field \"{field}\""), .. duplicates ?? []];
        if (request.FieldValidation == "Strict" && problems.Count > 0)
        {
            ILookup<bool, string> lines = problems.ToLookup(problem => problem.StartsWith("line ", StringComparison.Ordinal));
            throw refuse($"strict decoding error: {string.Join(", ", lines[true].Any() ? [.. lines[false], YamlErrors(lines[true])] : problems)}");
        }

        if (request.FieldValidation == "Warn")
        {
            problems.ForEach(request.Warn);
        }

        if (body["metadata"] is not JsonObject)
        {
            body["metadata"] = new JsonObject();
        }

        return body;
    }

    /// <summary>Keys that came twice in YAML, as its parser tells of them.</summary>
    public static string YamlErrors(IEnumerable<string> lines) => $"yaml: unmarshal errors:\n  {string.Join("\n  ", lines)}";

    private static string? WrongType(JsonObject body, ResourceKind kind)
    {
        if (!kind.IsCustom)
        {
            return ModelTypes.Wrong(body, kind.Schema, kind.Kind);
        }

        return body["metadata"] switch
        {
            null => null,
            JsonObject metadata => ModelTypes.Wrong(metadata, ModelSchemas.Of(typeof(V1ObjectMeta)), "ObjectMeta"),
            { } other => $"json: cannot unmarshal {SchemaValidation.KindName(other)} into Go struct field {kind.Kind}.metadata of type v1.ObjectMeta",
        };
    }

    /// <summary>Checks that a body is of the request's kind. What it does not say is as the path says, save that custom resources say their kind.</summary>
    private static void CheckType(JsonObject body, ResourceKind kind, Func<string, ApiException>? refuse)
    {
        string version = body.Text("apiVersion") is { Length: > 0 } found ? found : kind.ApiVersion;
        string name = body.Text("kind") ?? "";
        if (name.Length == 0 && kind.IsCustom && body.ContainsKey("apiVersion"))
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind}): Object 'Kind' is missing");
        }

        name = name.Length == 0 ? kind.Kind : name;
        if (kind.IsCustom && (version != kind.ApiVersion || name != kind.Kind))
        {
            throw ApiException.Invalid(kind.Group, name, body.Text("metadata", "name") ?? "", version != kind.ApiVersion
                ? [FieldError.Invalid("apiVersion", version, $"must be {kind.ApiVersion}")]
                : [FieldError.Invalid("kind", name, $"must be {kind.Kind}")]);
        }

        if (version != kind.ApiVersion || name != kind.Kind)
        {
            string why = version == kind.ApiVersion || BuiltInKinds.List.Any(known => known.ApiVersion == version && known.Kind == name)
                ? $"the kind in the data ({name}) does not match the expected kind ({kind.Kind})"
                : $"no kind \"{name}\" is registered for version \"{version}\"";
            throw refuse is null ? ApiException.BadRequest($"{name} in version \"{version[(version.LastIndexOf('/') + 1)..]}\" cannot be handled as a {kind.Kind}: {why}") : refuse(why);
        }

        body["apiVersion"] = version;
        body["kind"] = name;
    }
}
