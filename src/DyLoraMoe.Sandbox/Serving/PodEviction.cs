using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>
/// Evictions: deletions that a disruption budget may forbid, and that a condition of the pod tells of, so that a Job can tell them from failures.
/// Budgets guard pods that run: those that wait, have ended or are going already go whatever the budget says.
/// </summary>
internal sealed class PodEviction(Cluster cluster, ObjectDeleter deleter)
{
    private const string Budgets = "policy/poddisruptionbudgets";

    /// <summary>Evicts a pod, unless a disruption budget forbids it now.</summary>
    public async Task EvictAsync(ApiRequest request, JsonObject eviction)
    {
        ObjectKey key = Cluster.Key(request.Kind, request.Namespace, request.Name);
        JsonNode? asked = eviction.At("deleteOptions");
        DeleteOptions options = new(asked.Text("propagationPolicy"), asked.Whole("gracePeriodSeconds"),
            asked.Text("preconditions", "uid"), asked.Text("preconditions", "resourceVersion"), request.DryRun || asked.Texts("dryRun").Contains("All"));
        while (true)
        {
            StoredObject pod = cluster.Store.Latest(key) ?? throw ApiException.NotFound(request.Kind, request.Name);
            ObjectDeleter.CheckPreconditions(request.Kind, key, pod.Shared, options);
            bool insists = await AllowAsync(pod, options.DryRun).ConfigureAwait(false) || options.ResourceVersion is not null;
            try
            {
                StoredObject told = options.DryRun ? pod : await TellAsync(request, pod, insists).ConfigureAwait(false);
                string? version = insists ? told.Version.ToString(CultureInfo.InvariantCulture) : null;
                await deleter.DeleteAsync(request.Kind, key, options with { ResourceVersion = version }).ConfigureAwait(false);
                return;
            }
            catch (ApiException error) when (error.Code == 409 && insists && options.ResourceVersion is null)
            {
                // The pod is no longer what allowed its eviction: look again.
            }
        }
    }

    /// <summary>Takes the eviction from the pod's budget. The result says whether it was allowed only because of what the pod is at this version.</summary>
    private async Task<bool> AllowAsync(StoredObject pod, bool dryRun)
    {
        string? phase = pod.Shared.Text("status", "phase");
        if (phase is "Succeeded" or "Failed" || pod.Shared.Text("metadata", "deletionTimestamp") is not null)
        {
            return false;
        }

        if (phase == "Pending")
        {
            return true;
        }

        Dictionary<string, string> labels = pod.Shared.Pairs("metadata", "labels");
        List<StoredObject> guards = [.. cluster.Store.View.List(Budgets, pod.Key.Namespace)
            .Where(budget => budget.Shared.Map("spec", "selector") is { } selector && LabelSelector.Matches(selector, labels))];
        if (guards.Count > 1)
        {
            throw new ApiException(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (guards.Count == 1)
        {
            if (!IsReady(pod.Shared) && MayLoseUnready(guards[0].Shared))
            {
                return true;
            }

            await TakeAsync(guards[0].Key, pod.Key.Name, dryRun).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Counts the pod as lost in the budget's status, until the controller sees it go.</summary>
    private async Task TakeAsync(ObjectKey key, string pod, bool dryRun)
    {
        while (cluster.Store.Latest(key) is { } budget)
        {
            JsonObject state = budget.Parse();
            JsonObject status = state.Ensure("status");
            if ((status.Whole("observedGeneration") ?? 0) < (state.Whole("metadata", "generation") ?? 0))
            {
                throw Refused($"The disruption budget {key.Name} is still being processed by the server.");
            }

            if (status.Whole("disruptionsAllowed") is not (> 0 and var allowed))
            {
                long wanted = status.Whole("desiredHealthy") ?? 0, healthy = status.Whole("currentHealthy") ?? 0;
                throw Refused(healthy <= wanted
                    ? $"The disruption budget {key.Name} needs {wanted} healthy pods and has {healthy} currently"
                    : $"The disruption budget {key.Name} does not allow evicting pods currently");
            }

            status["disruptionsAllowed"] = allowed - 1;
            status.Ensure("disruptedPods")[pod] = cluster.Now;
            if (dryRun || await cluster.Store.WriteAsync(key, budget.Version, state).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Writes into the pod's conditions why it will end.</summary>
    private async Task<StoredObject> TellAsync(ApiRequest request, StoredObject pod, bool insists)
    {
        while (true)
        {
            JsonObject changed = pod.Parse();
            JsonObject status = changed.Ensure("status");
            JsonNode? before = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "DisruptionTarget");
            JsonObject after = new()
            {
                ["type"] = "DisruptionTarget",
                ["status"] = "True",
                ["reason"] = "EvictionByEvictionAPI",
                ["message"] = "Eviction API: evicting",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = before.Text("status") == "True" ? before.Text("lastTransitionTime") : cluster.Now,
            };
            if (before.Same(after))
            {
                return pod;
            }

            status["conditions"] = new JsonArray([.. status.Items("conditions").Where(condition => condition != before).Select(condition => condition?.DeepClone()), after]);
            if (await cluster.Store.WriteAsync(pod.Key, pod.Version, changed).ConfigureAwait(false) is { } written)
            {
                return written;
            }

            pod = insists ? throw ApiException.Modified(request.Kind, request.Name)
                : cluster.Store.Latest(pod.Key) ?? throw ApiException.NotFound(request.Kind, request.Name);
        }
    }

    private static bool IsReady(JsonObject pod) => pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");

    /// <summary>A pod that is not ready is no loss when enough others are, or when the budget says that it never is.</summary>
    private static bool MayLoseUnready(JsonObject budget) =>
        budget.Text("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"
        || (budget.Whole("status", "desiredHealthy") is > 0 and var wanted && budget.Whole("status", "currentHealthy") >= wanted);

    private static ApiException Refused(string why) => new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new JsonObject
    {
        ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = why }),
    });
}
