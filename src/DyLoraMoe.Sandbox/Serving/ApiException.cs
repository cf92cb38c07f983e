using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>A request that ends with a Status object, worded as the real API server words it.</summary>
internal sealed class ApiException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>The Status object's details.</summary>
    public JsonObject? Details { get; } = details;

    /// <summary>How a list that cannot go on as it began may go on; empty for none.</summary>
    public string Continue { get; init; } = "";

    /// <summary>The Status object that the client gets.</summary>
    public JsonObject ToStatus()
    {
        JsonObject status = new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Continue.Length == 0 ? new JsonObject() : new JsonObject { ["continue"] = Continue },
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0)
        {
            status["reason"] = Reason;
        }

        if (Details is not null)
        {
            status["details"] = Details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    /// <summary>There is no such object.</summary>
    public static ApiException NotFound(ResourceKind kind, string name) => NotFound(kind.Group, kind.Plural, name);

    /// <summary>There is no such object.</summary>
    public static ApiException NotFound(string group, string plural, string name) =>
        new(404, "NotFound", $"{Qualified(group, plural)} \"{name}\" not found", About(group, plural, name));

    /// <summary>There is no such path.</summary>
    public static ApiException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    /// <summary>The name is taken.</summary>
    public static ApiException AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{Qualified(kind)} \"{name}\" already exists", About(kind, name));

    /// <summary>The object changed since the client read it.</summary>
    public static ApiException Modified(ResourceKind kind, string name) => Conflict(kind, name,
        "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>The write cannot be done in the object's present state.</summary>
    public static ApiException Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(kind)} \"{name}\": {why}", About(kind, name));

    /// <summary>The object breaks rules.</summary>
    public static ApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        JsonObject details = About(group, kind, name);
        details["causes"] = new JsonArray([.. errors.Select(error => new JsonObject
        {
            ["reason"] = error.Reason,
            ["message"] = error.Message,
            ["field"] = error.Field,
        })]);
        string all = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors.Select(error => error.ToString()).Distinct())}]";
        return new ApiException(422, "Invalid", $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: {all}", details);
    }

    /// <summary>The request makes no sense.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The caller, or the state of the cluster, does not allow it.</summary>
    public static ApiException Forbidden(string group, string plural, string name, string why) =>
        new(403, "Forbidden", name.Length == 0 ? $"{Qualified(group, plural)} is forbidden: {why}" : $"{Qualified(group, plural)} \"{name}\" is forbidden: {why}", About(group, plural, name));

    /// <summary>The resource has no such verb.</summary>
    public static ApiException MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>The version asked for is no longer known.</summary>
    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>The state in which a list began is no longer known.</summary>
    public static ApiException ExpiredList(string token) => new(410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
    {
        Continue = token,
    };

    /// <summary>The version asked for is not known yet.</summary>
    public static ApiException TooLargeVersion(ulong asked, ulong current) => new(504, "Timeout",
        $"Timeout: Too large resource version: {asked.ToString(CultureInfo.InvariantCulture)}, current: {current.ToString(CultureInfo.InvariantCulture)}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    /// <summary>The body's media type is not one that is read here.</summary>
    public static ApiException UnsupportedMediaType(string found, params IEnumerable<string> expected) => new(415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", expected)}{(found.Length == 0 ? "" : $" (found {found})")}");

    /// <summary>None of the media types that the client takes is served here.</summary>
    public static ApiException NotAcceptable() => new(406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io");

    private static string Qualified(ResourceKind kind) => Qualified(kind.Group, kind.Plural);

    private static string Qualified(string group, string plural) => group.Length == 0 ? plural : $"{plural}.{group}";

    private static JsonObject About(ResourceKind kind, string name) => About(kind.Group, kind.Plural, name);

    private static JsonObject About(string group, string kind, string name)
    {
        JsonObject details = [];
        if (name.Length > 0)
        {
            details["name"] = name;
        }

        if (group.Length > 0)
        {
            details["group"] = group;
        }

        if (kind.Length > 0)
        {
            details["kind"] = kind;
        }

        return details;
    }
}
