using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Hosting;
using DyLoraMoe.Sandbox.Storage;
using k8s;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>The API server in this process, without controllers and kubelet.</summary>
public sealed class ServedApi : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dylora-api-").FullName;
    private SandboxServer _server = null!;
    private HttpClient _client = null!;

    internal string AccessLog => Path.Combine(_folder, "rights");

    internal ObjectStore Store => _server.Services.GetRequiredService<ObjectStore>();

    public async ValueTask InitializeAsync()
    {
        _server = await SandboxServer.StartAsync(new SandboxOptions { DataFolder = _folder, Agents = false, AccessLog = AccessLog }, TimeProvider.System);
        _client = _server.Client();
        JsonObject definition = DyLoraMoe.Sandbox.Json.YamlText.Parse(Running.Manifests.Widgets)[0].AsObject();
        await OkAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition.ToJsonString());
        await OkAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A client of the library, as the administrator or by a token.</summary>
    internal Kubernetes Kubernetes(string? token = null)
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.Options.KubeconfigPath);
        configuration.AccessToken = token ?? configuration.AccessToken;
        return new Kubernetes(configuration);
    }

    /// <summary>The token of a new service account that may do these things with the ports of pods, and nothing else.</summary>
    internal Task<string> TokenAsync(string name, string verbs) => TokenOfAsync(name, $$"""{"apiGroups":[""],"resources":["pods/portforward"],"verbs":{{verbs}}}""");

    /// <summary>The token of a new service account that may do what one rule says, and nothing else.</summary>
    internal async Task<string> TokenOfAsync(string name, string rule)
    {
        await OkAsync("POST", "/api/v1/namespaces/default/serviceaccounts", $$"""{"metadata":{"name":"{{name}}"} }""");
        await OkAsync("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{{rule}}]}""");
        await OkAsync(
            "POST",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
            $$"""{"metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"{{name}}"},"subjects":[{"kind":"ServiceAccount","name":"{{name}}","namespace":"default"}]}""");
        return (string)(await OkAsync("POST", $"/api/v1/namespaces/default/serviceaccounts/{name}/token", """{"spec":{}}"""))["status"]!["token"]!;
    }

    internal async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(string method, string path, string? body = null, string type = "application/json")
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using HttpResponseMessage answer = await _client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject());
    }

    /// <summary>The warnings that come with an answer, and the answer.</summary>
    internal async Task<(string Warnings, JsonObject Body)> WarningsAsync(string method, string path, string body, string type)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return (answer.Headers.NonValidated.TryGetValues("Warning", out var warnings) ? warnings.ToString() : "", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject());
    }

    internal async Task<JsonObject> OkAsync(string method, string path, string? body = null, string type = "application/json")
    {
        (HttpStatusCode code, JsonObject answer) = await SendAsync(method, path, body, type);
        Assert.True((int)code < 300, $"{method} {path}: {answer.ToJsonString()}");
        return answer;
    }

    /// <summary>Server-side apply.</summary>
    internal Task<(HttpStatusCode Code, JsonObject Body)> ApplyAsync(string path, string manifest, string manager, bool force = false) =>
        SendAsync("PATCH", $"{path}?fieldManager={manager}{(force ? "&force=true" : "")}", manifest, "application/apply-patch+yaml");

    /// <summary>Opens a watch; each line is an event.</summary>
    internal async Task<StreamReader> WatchAsync(string path, CancellationToken cancellation = default)
    {
        HttpResponseMessage answer = await _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
        return new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
    }
}
