using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What a new pod gets from the objects that it names.</summary>
public sealed class PodAdmissionTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Classes = "/apis/scheduling.k8s.io/v1/priorityclasses";

    [Theory]
    [InlineData("default", "serviceAccountName", "nobody", "pods \"refused\" is forbidden: error looking up service account default/nobody: serviceaccount \"nobody\" not found")]
    [InlineData("default", "priorityClassName", "nothing", "pods \"refused\" is forbidden: no PriorityClass with name nothing was found")]
    [InlineData("kube-public", "hostname", "any", "pods \"refused\" is forbidden: error looking up service account kube-public/default: serviceaccount \"default\" not found")]
    public async Task A_pod_that_names_what_is_not_there_is_refused(string space, string field, string name, string message)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", $"/api/v1/namespaces/{space}/pods", Pod("refused", $"\"{field}\":\"{name}\""));

        Assert.Equal((HttpStatusCode.Forbidden, message), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_refusal_does_not_name_what_was_made_up_for_this_try()
    {
        string pod = Pod("refused", "\"serviceAccountName\":\"nobody\"").Replace("\"name\":\"refused\"", "\"generateName\":\"refused-\"", StringComparison.Ordinal);

        (_, JsonObject answer) = await api.SendAsync("POST", Pods, pod);

        Assert.StartsWith("pods \"refused-\" is forbidden", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_in_a_namespace_that_is_missing_is_told_of_the_namespace()
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", "/api/v1/namespaces/nowhere/pods", Pod("refused"));

        Assert.Equal((HttpStatusCode.NotFound, "namespaces \"nowhere\" not found"), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_pod_waits_a_moment_for_the_default_account_of_a_new_namespace()
    {
        await api.OkAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"fresh"}}""");
        Task<JsonObject> pod = api.OkAsync("POST", "/api/v1/namespaces/fresh/pods", Pod("early"));
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await api.OkAsync("POST", "/api/v1/namespaces/fresh/serviceaccounts", """{"metadata":{"name":"default"}}""");

        Assert.Equal("default", (string?)(await pod)["spec"]!["serviceAccountName"]);
    }

    [Fact]
    public async Task A_pod_that_names_no_priority_class_gets_the_default_one_of_which_there_is_one()
    {
        await api.OkAsync("POST", Classes, """{"metadata":{"name":"usual"},"value":7,"preemptionPolicy":"Never","globalDefault":true}""");
        try
        {
            JsonNode spec = (await api.OkAsync("POST", Pods, Pod("usual")))["spec"]!;
            Assert.Equal(("usual", 7, "Never"), ((string?)spec["priorityClassName"], (int)spec["priority"]!, (string?)spec["preemptionPolicy"]));

            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", Classes, """{"metadata":{"name":"other"},"value":8,"globalDefault":true}""");
            Assert.Equal(HttpStatusCode.Forbidden, code);
            Assert.Contains("PriorityClass usual is already marked as default", (string?)answer["message"], StringComparison.Ordinal);

            (code, answer) = await api.SendAsync("POST", Pods, Pod("refused", "\"priority\":9"));
            Assert.Equal(HttpStatusCode.Forbidden, code);
            Assert.Contains("computed 7 from the given PriorityClass name", (string?)answer["message"], StringComparison.Ordinal);
        }
        finally
        {
            await api.OkAsync("DELETE", $"{Classes}/usual");
        }
    }

    private static string Pod(string name, string more = "\"hostname\":\"any\"") =>
        $$"""{"metadata":{"name":"{{name}}"},"spec":{"containers":[{"name":"main","image":"test:1"}],{{more}}} }""";
}
