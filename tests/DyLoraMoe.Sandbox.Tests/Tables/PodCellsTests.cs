using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Tests.Tables;

/// <summary>What <c>kubectl get pods</c> shows.</summary>
public class PodCellsTests
{
    private const string Running = "\"state\":{\"running\":{}}";
    private const string Completed = "\"state\":{\"terminated\":{\"exitCode\":0,\"reason\":\"Completed\"}}";
    private const string Failed = "\"state\":{\"terminated\":{\"exitCode\":3,\"reason\":\"Error\"}}";

    [Theory]
    [InlineData("\"started\":true,\"ready\":true," + Running, "\"ready\":true," + Running, "True", "2/2", "Running")]
    [InlineData("\"started\":true,\"ready\":false," + Running, "\"ready\":true," + Running, "False", "1/2", "Running")]
    [InlineData("\"started\":false,\"ready\":false," + Running, "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}", "False", "0/2", "Init:0/1")]
    public void A_sidecar_that_has_started_counts_with_the_containers(string sidecar, string container, string ready, string readyCell, string status)
    {
        JsonObject pod = Pod($"{{{container}}}", ready, "Running", $"{{\"name\":\"beside\",{sidecar}}}");

        Assert.Equal((readyCell, status), (PodCells.Ready(pod), PodCells.Status(pod)));
    }

    [Theory]
    [InlineData("\"ready\":true," + Running, "True", "Running")]
    [InlineData("\"ready\":true," + Running, "False", "NotReady")]
    [InlineData("\"ready\":false," + Running, "False", "Completed")]
    [InlineData(Failed, "False", "Error")]
    public void A_completed_container_beside_another_one(string other, string ready, string status) =>
        Assert.Equal(status, PodCells.Status(Pod($"{{{Completed}}},{{{other}}}", ready, "Running")));

    [Theory]
    [InlineData("Running", Running, "Terminating")]
    [InlineData("Succeeded", Completed, "Completed")]
    [InlineData("Failed", Failed, "Error")]
    public void A_pod_that_has_ended_is_not_shown_as_ending(string phase, string container, string status) =>
        Assert.Equal(status, PodCells.Status(Pod($"{{{container}}}", "False", phase, metadata: "\"deletionTimestamp\":\"2026-01-02T03:04:05Z\"")));

    [Fact]
    public void Restarts_of_init_containers_count_while_they_run_and_those_of_sidecars_always()
    {
        const string restarted = "\"restartCount\":2,\"lastState\":{\"terminated\":{\"finishedAt\":\"2026-01-02T03:04:05Z\"}}";
        DateTimeOffset now = new(2026, 1, 2, 3, 4, 15, TimeSpan.Zero);

        Assert.Equal("2 (10s ago)", PodCells.Restarts(Pod("{\"restartCount\":0}", "False", "Pending", $"{{\"name\":\"before\",{restarted},{Running}}}"), now));
        Assert.Equal("1", PodCells.Restarts(Pod($"{{\"restartCount\":1,{Running}}}", "True", "Running", $"{{\"name\":\"before\",{restarted},{Completed}}}"), now));
        Assert.Equal("3 (10s ago)", PodCells.Restarts(Pod($"{{\"restartCount\":1,{Running}}}", "True", "Running", $"{{\"name\":\"beside\",\"started\":true,{restarted},{Running}}}"), now));
    }

    private static JsonObject Pod(string containers, string ready, string phase, string init = "", string metadata = "") => JsonNode.Parse($$"""
        {
          "metadata": { {{metadata}} },
          "spec": {
            "initContainers": [{{(init.Contains("before", StringComparison.Ordinal) ? """{"name":"before"}""" : init.Length > 0 ? """{"name":"beside","restartPolicy":"Always"}""" : "")}}],
            "containers": [{"name":"main"}]
          },
          "status": {
            "phase": "{{phase}}",
            "conditions": [{"type":"Ready","status":"{{ready}}"}],
            "initContainerStatuses": [{{init}}],
            "containerStatuses": [{{containers}}]
          }
        }
        """)!.AsObject();
}
