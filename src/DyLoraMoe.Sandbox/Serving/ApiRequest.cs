using System.Globalization;
using DyLoraMoe.Sandbox.Apply;
using DyLoraMoe.Sandbox.Authorization;
using DyLoraMoe.Sandbox.Kinds;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>A request about a kind's objects.</summary>
internal sealed class ApiRequest(HttpContext http, Caller caller, ResourceKind kind, RequestPath path)
{
    /// <summary>The request and its answer.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>Who asks.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The kind.</summary>
    public ResourceKind Kind { get; } = kind;

    /// <summary>The namespace, empty for none or all.</summary>
    public string Namespace { get; } = path.Namespace;

    /// <summary>The object's name, empty for all.</summary>
    public string Name { get; } = path.Name;

    /// <summary>The subresource, empty for none.</summary>
    public string Subresource { get; } = path.Subresource;

    /// <summary>Ends when the client is gone.</summary>
    public CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>Whether nothing is to be written.</summary>
    public bool DryRun => Values("dryRun").Contains("All");

    /// <summary>Whether conflicts of an apply are won.</summary>
    public bool Force => Flag("force");

    /// <summary>What happens to fields that are not described: Ignore, Warn or Strict.</summary>
    public string FieldValidation => Query("fieldValidation") ?? "Warn";

    /// <summary>A parameter of the query, or null.</summary>
    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 && values[0] is { Length: > 0 } value ? value : null;

    /// <summary>All values of a parameter of the query, empty ones too.</summary>
    public IReadOnlyList<string> Values(string name) => [.. Http.Request.Query[name].Select(value => value ?? "")];

    /// <summary>A whole number among the query's parameters.</summary>
    public long? Number(string name) => Query(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
        : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

    /// <summary>A flag among the query's parameters: it is set unless its value says that it is not.</summary>
    public bool Flag(string name) => Values(name) is [var value, ..] && value is not "0" && !value.Equals("false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Who is noted as the owner of the fields that are written.</summary>
    public FieldManager Manager(string operation)
    {
        string agent = Http.Request.Headers.UserAgent.ToString();
        string name = Query("fieldManager") ?? (agent.Length == 0 ? "unknown" : agent.Split('/')[0]);
        return new FieldManager(name, operation, Kind.ApiVersion, Subresource);
    }

    /// <summary>Tells the client something besides the answer.</summary>
    public void Warn(string message) => Http.Response.Headers.Append("Warning", $"299 - \"{message.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
}
