using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Makes what a client sent an object of the request's kind, without fields that the kind has not.</summary>
internal static class Decoding
{
    /// <summary>Checks apiVersion and kind, and removes unknown fields: with a warning, or as an error, as the client wants.</summary>
    public static JsonObject Decode(JsonObject body, ApiRequest request, IReadOnlyList<string>? duplicates = null)
    {
        ResourceKind kind = request.Kind;
        CheckType(body, kind.ApiVersion, kind.Kind);
        List<string> unknown = [];
        Pruning.Prune(body, kind.Schema, unknown);
        List<string> problems = [.. unknown.Select(field => $"unknown field \"{field}\""), .. (duplicates ?? []).Select(field => $"duplicate field \"{field}\"")];
        switch (request.FieldValidation)
        {
            case "Strict" when problems.Count > 0:
                throw new ApiException(400, "BadRequest", kind.IsCustom
                    ? $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", problems)}"
                    : $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", problems)}");
            case "Warn":
                problems.ForEach(request.Warn);
                break;
            case "Strict" or "Ignore":
                break;
            default:
                throw ApiException.BadRequest($"fieldValidation: Unsupported value: \"{request.FieldValidation}\": supported values: \"Ignore\", \"Strict\", \"Warn\"");
        }

        if (body["metadata"] is not JsonObject)
        {
            body["metadata"] = new JsonObject();
        }

        return body;
    }

    /// <summary>Checks that a body is of the kind that the path names; absent values are filled in.</summary>
    public static void CheckType(JsonObject body, string apiVersion, string kind)
    {
        string foundVersion = body.Text("apiVersion") ?? "", foundKind = body.Text("kind") ?? "";
        if (foundKind.Length == 0 && foundVersion.Length == 0)
        {
            body["apiVersion"] = apiVersion;
            body["kind"] = kind;
            return;
        }

        if (foundVersion != apiVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({foundVersion}) does not match the expected API version ({apiVersion})");
        }

        if (foundKind != kind)
        {
            throw ApiException.BadRequest($"{foundKind} in version \"{foundVersion}\" cannot be handled as a {kind}: the kind in the data ({foundKind}) does not match the expected kind ({kind})");
        }
    }
}
