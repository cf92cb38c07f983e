using System.Net;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>The API server answered with an error.</summary>
internal sealed class ApiException(HttpStatusCode code, string reason, string message) : Exception($"{(int)code} {reason}: {message}")
{
    public HttpStatusCode Code { get; } = code;

    public string Reason { get; } = reason;

    /// <summary>What the server said, as events and conditions pass it on.</summary>
    public string Status { get; } = message;

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    public bool IsConflict => Code == HttpStatusCode.Conflict;

    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    public bool IsGone => Code == HttpStatusCode.Gone;

    public bool IsForbidden => Code == HttpStatusCode.Forbidden;
}
