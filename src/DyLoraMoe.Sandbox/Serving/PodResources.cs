using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>The subresources of pods that have no class of their own: binding and log; and what a new pod waits for.</summary>
internal sealed class PodResources(Cluster cluster, IServiceProvider services)
{
    /// <summary>Waits a moment for the default account of a new pod's namespace: a controller makes it after the namespace.</summary>
    public async Task AwaitAccountAsync(ApiRequest request, JsonObject pod)
    {
        ObjectKey account = PodAdmission.Account(pod, request.Namespace), space = new("/namespaces", "", request.Namespace);
        for (int tries = 0; tries < 10 && account.Name == PodAdmission.DefaultAccount && cluster.Store.View is var view && view.Find(account) is null && view.Find(space) is not null; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150), cluster.Time, request.Cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Binds a pod to a node.</summary>
    public async Task BindAsync(ApiRequest request, JsonObject binding)
    {
        string node = binding.Text("target", "name") is { Length: > 0 } name ? name : throw ApiException.BadRequest("target.name: Required value");
        await ChangeAsync(request, pod =>
        {
            if (pod.Text("metadata", "deletionTimestamp") is not null)
            {
                throw ApiException.Conflict(request.Kind, request.Name, $"pod {request.Name} is being deleted, cannot be assigned to a host");
            }

            if (pod.Text("spec", "nodeName") is { Length: > 0 } bound)
            {
                throw ApiException.Conflict(request.Kind, request.Name, $"pod {request.Name} is already assigned to node \"{bound}\"");
            }

            pod.Ensure("spec")["nodeName"] = node;
            JsonObject status = pod.Ensure("status");
            JsonArray conditions = new([.. status.Items("conditions").Where(condition => condition.Text("type") != "PodScheduled").Select(condition => condition?.DeepClone())]);
            conditions.Add((JsonNode)new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = cluster.Now });
            status["conditions"] = conditions;
        }).ConfigureAwait(false);
    }

    /// <summary>Streams a container's log.</summary>
    public async Task LogAsync(ApiRequest request)
    {
        StoredObject pod = cluster.Store.View.Find(Cluster.Key(request.Kind, request.Namespace, request.Name)) ?? throw ApiException.NotFound(request.Kind, request.Name);
        IPodLogs logs = services.GetService<IPodLogs>() ?? throw new ApiException(503, "ServiceUnavailable", "no kubelet runs in this sandbox, so there are no logs");
        PodLogRequest wanted = new(request.Namespace, request.Name, pod.Shared.Text("metadata", "uid") ?? "", Container(request, pod.Shared))
        {
            Follow = request.Flag("follow"),
            Previous = request.Flag("previous"),
            Timestamps = request.Flag("timestamps"),
            TailLines = request.Number("tailLines"),
            LimitBytes = request.Number("limitBytes"),
            Since = request.Number("sinceSeconds") is { } seconds ? cluster.Time.GetUtcNow().AddSeconds(-seconds)
                : DateTimeOffset.TryParse(request.Query("sinceTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset since) ? since : null,
        };
        try
        {
            Stream log = await logs.OpenAsync(wanted, request.Cancellation).ConfigureAwait(false);
            await using (log.ConfigureAwait(false))
            {
                request.Http.Response.ContentType = "text/plain";
                await request.Http.Response.Body.FlushAsync(request.Cancellation).ConfigureAwait(false);
                byte[] buffer = new byte[16384];
                int read;
                while ((read = await log.ReadAsync(buffer, request.Cancellation).ConfigureAwait(false)) > 0)
                {
                    await request.Http.Response.Body.WriteAsync(buffer.AsMemory(0, read), request.Cancellation).ConfigureAwait(false);
                    await request.Http.Response.Body.FlushAsync(request.Cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (PodLogException error)
        {
            throw ApiException.BadRequest(error.Message);
        }
    }

    private static string Container(ApiRequest request, JsonObject pod)
    {
        List<string> names = [.. pod.Items("spec", "initContainers").Concat(pod.Items("spec", "containers")).Select(container => container.Text("name") ?? "")];
        if (request.Query("container") is { } wanted)
        {
            return names.Contains(wanted) ? wanted : throw ApiException.BadRequest($"container {wanted} is not valid for pod {request.Name}");
        }

        if (pod.Items("spec", "containers").Count == 1)
        {
            return pod.Items("spec", "containers")[0].Text("name") ?? "";
        }

        return pod.Text("metadata", "annotations", "kubectl.kubernetes.io/default-container") is { } usual && names.Contains(usual) ? usual
            : throw ApiException.BadRequest($"a container name must be specified for pod {request.Name}, choose one of: [{string.Join(' ', names)}]");
    }

    private async Task ChangeAsync(ApiRequest request, Action<JsonObject> change)
    {
        ObjectKey key = Cluster.Key(request.Kind, request.Namespace, request.Name);
        while (true)
        {
            StoredObject before = cluster.Store.Latest(key) ?? throw ApiException.NotFound(request.Kind, request.Name);
            JsonObject pod = before.Parse();
            change(pod);
            if (request.DryRun || await cluster.Store.WriteAsync(key, before.Version, pod).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }
}
