using System.Collections.Concurrent;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Tests.Running;
using DyLoraMoe.Testing;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Kubectl.Tests.Cluster;

/// <summary>An API server that answers each call as the test says: with an object, with the code of a refusal, or, where that is 0, not at all.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _server;

    private ScriptedApi(WebApplication server) => _server = server;

    /// <summary>The calls that came, such as "GET backbones/tiny".</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="answer">The answer to a call, and how often such a call came so far, from 1.</param>
    public static async Task<ScriptedApi> StartAsync(Func<string, int, object> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var api = new ScriptedApi(builder.Build());
        api._server.Run(context => api.AnswerAsync(context, answer));
        await api._server.StartAsync();
        await File.WriteAllTextAsync(api._folder["config"], $$"""
            current-context: here
            contexts: [{name: here, context: {cluster: there, user: me, namespace: default} }]
            clusters: [{name: there, cluster: {server: "{{api._server.Urls.Single()}}"} }]
            users: [{name: me, user: {token: mine} }]
            """);
        return api;
    }

    /// <summary>A client of it.</summary>
    public ClusterClient Connect() => ClusterClient.Of(ClusterConfiguration.Load(_folder["config"], null), null);

    /// <summary>Runs the plugin against it.</summary>
    public async Task<Outcome> RunAsync(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await Shell.RunAsync([.. args, "--kubeconfig", _folder["config"]], new Terminal(output, errors, TextReader.Null, isLive: false, isTyped: false));
        return new(code, output.ToString(), errors.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Func<string, int, object> answer)
    {
        var call = $"{context.Request.Method} {context.Request.Path.Value!.Split("/namespaces/default/")[^1]}";
        Asked.Enqueue(call);
        var found = answer(call, Asked.Count(each => each == call));
        if (found is 0)
        {
            context.Abort();
            return;
        }

        context.Response.ContentType = "application/json";
        if (found is int code)
        {
            context.Response.StatusCode = code;
            await context.Response.WriteAsync($$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"as scripted","details":{"name":"x"},"code":{{code}}}""");
            return;
        }

        await context.Response.WriteAsync(KubernetesJson.Serialize(found));
    }
}
