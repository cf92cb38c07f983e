namespace DyLoraMoe.Router.Endpoints;

/// <summary>A request that cannot be answered, in OpenAI's terms.</summary>
internal sealed class ApiException : Exception
{
    public ApiException(int status, string type, string message, string? param = null, string? code = null, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException) => (Status, Type, Param, Code, RetryAfter) = (status, type, param, code, retryAfter);

    /// <summary>Status of the response.</summary>
    public int Status { get; }

    /// <summary>OpenAI's kind of error.</summary>
    public string Type { get; }

    /// <summary>The parameter at fault.</summary>
    public string? Param { get; }

    /// <summary>OpenAI's code.</summary>
    public string? Code { get; }

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same request would fail again. Clients of OpenAI try again after most errors of a server unless they are told.</summary>
    public bool IsFinal { get; init; }

    public static ApiException Invalid(string? param, string message, string? code = null) => new(400, "invalid_request_error", message, param, code);

    public static ApiException NoSuchModel(string model) =>
        new(404, "invalid_request_error", $"The model '{model}' does not exist. GET /v1/models lists those that do.", "model", "model_not_found");

    public static ApiException TooLarge(string message) => new(413, "invalid_request_error", message, code: "request_too_large");

    /// <summary>What was to be kept is not, because its volume does not take it: one that is full, or read only.</summary>
    public static ApiException NotKept(string what, string option, Exception cause) =>
        Storage($"{what} is not kept: the volume of {option} takes nothing more, or is read only. Make room on it or have it made larger, then send this again; the server's log says more.", cause);

    /// <summary>What was to be deleted is there still, in part or as a whole, because its volume does not let go of it.</summary>
    public static ApiException NotDeleted(string option, Exception cause) =>
        Storage($"Not all of it is deleted: the volume of {option} is read only, or a file there cannot be removed. Have that mended, then send this again; the server's log says more.", cause);

    public static ApiException Busy(string message, TimeSpan retryAfter, Exception? cause = null) => new(429, "rate_limit_error", message, code: "rate_limit_exceeded", retryAfter: retryAfter, innerException: cause);

    public static ApiException Unavailable(string message, string code, TimeSpan retryAfter) => new(503, "server_error", message, code: code, retryAfter: retryAfter);

    private static ApiException Storage(string message, Exception cause) => new(507, "server_error", message, code: "storage_unavailable", innerException: cause) { IsFinal = true };
}
