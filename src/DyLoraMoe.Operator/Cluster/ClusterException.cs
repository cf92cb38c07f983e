using System.Net;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>A call that the API server refused or did not answer.</summary>
/// <param name="code">Its status code; null when there was no answer.</param>
/// <param name="message">What it said.</param>
/// <param name="cause">The error behind it.</param>
internal sealed class ClusterException(HttpStatusCode? code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Its status code; null when there was no answer.</summary>
    public HttpStatusCode? Code { get; } = code;

    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Somebody else changed the object in between.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict;

    /// <summary>There is no such object or kind.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The object is not valid, or a policy of admission denies it: another try with the same would fail alike.</summary>
    public bool IsRejected => Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest || IsDenied;

    /// <summary>The object would be new in a namespace that is being deleted.</summary>
    public bool IsNamespaceLeaving { get; init; }

    /// <summary>A watch fell behind what the server remembers.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone;

    /// <summary>The server does not know of the version that was asked for yet, and may never: one that was put back from a backup counts on from there.</summary>
    public bool IsAhead => Code == HttpStatusCode.GatewayTimeout && Message.Contains("Too large resource version", StringComparison.Ordinal);

    // Webhooks choose the code of their answer, mostly that of a right that is missing; only the words of the API server around theirs are always the same.
    private bool IsDenied => Code is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
        && (Message.Contains("admission webhook", StringComparison.Ordinal) || Message.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal))
        && Message.Contains("denied", StringComparison.Ordinal);
}
