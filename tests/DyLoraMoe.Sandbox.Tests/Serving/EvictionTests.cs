using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What an eviction asks of budgets, and what the evicted pod says afterwards.</summary>
public sealed class EvictionTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    private const string Ready = """, "conditions":[{"type":"Ready","status":"True"}]""";

    [Fact]
    public async Task An_evicted_pod_says_why_it_ends()
    {
        await PodAsync("told", "told", "Running", Ready);

        Assert.Equal(HttpStatusCode.Created, (await EvictAsync("told")).Code);

        JsonObject pod = await api.OkAsync("GET", $"{Pods}/told");
        Assert.NotNull(pod["metadata"]!["deletionTimestamp"]);
        JsonNode condition = pod["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "EvictionByEvictionAPI", "Eviction API: evicting"), ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"]));
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public async Task A_pod_that_does_not_run_is_guarded_by_no_budget(string phase)
    {
        string name = phase.ToLowerInvariant();
        await PodAsync(name, name, phase);
        await BudgetAsync(name, name, allowed: 0);

        Assert.Equal(HttpStatusCode.Created, (await EvictAsync(name)).Code);
    }

    [Fact]
    public async Task A_pod_that_is_going_is_guarded_by_no_budget()
    {
        await PodAsync("going", "going", "Running", Ready);
        await BudgetAsync("going", "going", allowed: 0);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await EvictAsync("going")).Code);
        await api.OkAsync("DELETE", $"{Pods}/going");

        Assert.Equal(HttpStatusCode.Created, (await EvictAsync("going")).Code);
    }

    [Theory]
    [InlineData("spared", "", 0, 1, HttpStatusCode.TooManyRequests)]
    [InlineData("enough", "", 1, 1, HttpStatusCode.Created)]
    [InlineData("always", """, "unhealthyPodEvictionPolicy":"AlwaysAllow" """, 0, 1, HttpStatusCode.Created)]
    public async Task A_pod_that_is_not_ready_goes_when_enough_others_are_or_the_budget_says_so(string name, string policy, int healthy, int desired, HttpStatusCode expected)
    {
        await PodAsync(name, name, "Running");
        await BudgetAsync(name, name, allowed: 0, policy, healthy, desired);

        Assert.Equal(expected, (await EvictAsync(name)).Code);
    }

    [Fact]
    public async Task Two_budgets_for_one_pod_are_an_error()
    {
        await PodAsync("doubly", "doubly", "Running", Ready);
        await BudgetAsync("first", "doubly", allowed: 1);
        await BudgetAsync("second", "doubly", allowed: 1);

        (HttpStatusCode code, JsonObject answer) = await EvictAsync("doubly");

        Assert.Equal(HttpStatusCode.InternalServerError, code);
        Assert.Contains("more than one PodDisruptionBudget", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_go_at_once_as_the_budget_allows()
    {
        string[] names = [.. Enumerable.Range(0, 8).Select(number => $"many-{number}")];
        await Task.WhenAll(names.Select(name => PodAsync(name, "many", "Running", Ready)));
        await BudgetAsync("many", "many", allowed: 3);

        (HttpStatusCode Code, JsonObject)[] answers = await Task.WhenAll(names.Select(EvictAsync));

        Assert.Equal(3, answers.Count(answer => answer.Code == HttpStatusCode.Created));
        Assert.Equal(5, answers.Count(answer => answer.Code == HttpStatusCode.TooManyRequests));
        JsonNode status = (await api.OkAsync("GET", $"{Budgets}/many"))["status"]!;
        Assert.Equal((0, 3), ((int)status["disruptionsAllowed"]!, status["disruptedPods"]!.AsObject().Count));
    }

    private Task<(HttpStatusCode Code, JsonObject Body)> EvictAsync(string name) =>
        api.SendAsync("POST", $"{Pods}/{name}/eviction", $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{name}}","namespace":"default"} }""");

    private async Task PodAsync(string name, string app, string phase, string conditions = "")
    {
        await api.OkAsync("POST", Pods, $$"""{"metadata":{"name":"{{name}}","labels":{"app":"{{app}}"} },"spec":{"nodeName":"sandbox","containers":[{"name":"main","image":"test:1"}]} }""");
        await api.OkAsync("PATCH", $"{Pods}/{name}/status", $$"""{"status":{"phase":"{{phase}}"{{conditions}}} }""", "application/merge-patch+json");
    }

    private async Task BudgetAsync(string name, string app, int allowed, string policy = "", int healthy = 1, int desired = 1)
    {
        await api.OkAsync("POST", Budgets, $$"""{"metadata":{"name":"{{name}}"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"{{app}}"} }{{policy}}} }""");
        await api.OkAsync("PATCH", $"{Budgets}/{name}/status",
            $$"""{"status":{"observedGeneration":1,"disruptionsAllowed":{{allowed}},"currentHealthy":{{healthy}},"desiredHealthy":{{desired}},"expectedPods":1} }""", "application/merge-patch+json");
    }
}
