using System.Net;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Kubectl.CommandLine;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>What the API server, or the way to it, says is wrong, in words that say what to do.</summary>
internal static class ClusterErrors
{
    /// <summary>What to do when the kinds are not there.</summary>
    public const string NotInstalled = "This cluster has no resources of dylora.dev: install the operator first (helm install dylora charts/dylora-moe, or kubectl apply --server-side -k .).";

    /// <summary>The error in words; null for one that is not about the cluster.</summary>
    public static PluginException? Translate(Exception error) => error switch
    {
        HttpOperationException refused => new(Refused(refused)),
        KubeConfigException config => new($"The kubeconfig cannot be used: {config.Message}"),
        HttpRequestException { InnerException: PluginException plugin } => plugin,
        HttpRequestException { InnerException: WebSocketException socket } => new(NotForwarded(socket)),
        WebSocketException socket => new(NotForwarded(socket)),
        HttpRequestException { InnerException: AuthenticationException } http => new($"The API server's certificate is not trusted: {http.InnerException!.Message}"),
        HttpRequestException http => new($"The API server cannot be reached: {(http.InnerException ?? http).Message}"),
        KubernetesException kubernetes => new($"The API server refused it: {kubernetes.Message}"),
        TaskCanceledException { InnerException: TimeoutException } => new("The API server did not answer in time."),
        UnauthorizedAccessException or IOException => new(error.Message),
        _ => null,
    };

    /// <summary>Whether the same call may do better a moment later.</summary>
    public static bool MayPass(Exception error) => error switch
    {
        HttpOperationException refused => refused.Response?.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        HttpRequestException { InnerException: PluginException or AuthenticationException } => false,
        HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    /// <summary>Whether it is because the caller has no right.</summary>
    public static bool IsForbidden(this HttpOperationException error) => error.Response?.StatusCode == HttpStatusCode.Forbidden;

    /// <summary>Whether there is no such object, or no such kind.</summary>
    public static bool IsNotFound(this HttpOperationException error) => error.Response?.StatusCode == HttpStatusCode.NotFound;

    /// <summary>Whether it is the kind that there is not.</summary>
    public static bool IsUnknownKind(this HttpOperationException error) => error.IsNotFound() && Status(error)?["details"]?["name"] is null;

    /// <summary>Whether there is no pod any more whose port could be forwarded.</summary>
    public static bool IsPodGone(this WebSocketException error) => error.Message.Contains("'404'", StringComparison.Ordinal);

    private static string Refused(HttpOperationException error)
    {
        var said = (string?)Status(error)?["message"] ?? error.Message;
        return error.Response?.StatusCode switch
        {
            HttpStatusCode.NotFound when error.IsUnknownKind() => NotInstalled,
            HttpStatusCode.Unauthorized => "The API server does not accept the credentials of the kubeconfig: log in again.",
            HttpStatusCode.Forbidden => $"You have no right to do this: {said}. The section on rights in docs/reference/kubectl-dylora.md says what is needed.",
            HttpStatusCode.Conflict when said.Contains("conflict", StringComparison.OrdinalIgnoreCase) => $"Somebody else owns what would be changed: {said}. --force-conflicts takes it over.",
            HttpStatusCode.TooManyRequests => $"The API server is too busy: {said}",
            >= HttpStatusCode.InternalServerError => $"The API server has failed: {said}",
            _ => said,
        };
    }

    // The client library tells the status code of a failed upgrade in its message only.
    private static string NotForwarded(WebSocketException error) => error.Message switch
    {
        _ when error.IsPodGone() => "The router's pod is gone; try again.",
        var text when text.Contains("'403'", StringComparison.Ordinal) => "You have no right to forward ports: it takes the verbs get and create of pods/portforward, which the role edit has.",
        var text when text.Contains("'401'", StringComparison.Ordinal) => "The API server does not accept the credentials of the kubeconfig: log in again.",
        var text => $"The port of the router's pod cannot be forwarded: {text}",
    };

    private static JsonObject? Status(HttpOperationException error)
    {
        try
        {
            return error.Response?.Content is { Length: > 0 } content && JsonNode.Parse(content) is JsonObject { } status && (string?)status["kind"] == "Status" ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
