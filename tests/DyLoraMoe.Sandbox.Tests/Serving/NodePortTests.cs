using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>The ports of the node that Services get.</summary>
public sealed class NodePortTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string Services = "/api/v1/namespaces/default/services";

    [Theory]
    [InlineData("NodePort", "<none>")]
    [InlineData("LoadBalancer", "<pending>")]
    public async Task A_service_that_is_reached_from_outside_gets_a_port_and_keeps_it(string type, string address)
    {
        string name = type.ToLowerInvariant();
        JsonObject made = await CreateAsync(name, type);
        long port = Port(made);
        Assert.InRange(port, 30000, 32767);
        Assert.Equal(("80:" + port + "/TCP", address), ((string)Cell(made, "Port(s)")!, (string)Cell(made, "External-IP")!));

        JsonObject replaced = await api.OkAsync("PUT", $"{Services}/{name}", Service(name, type, """{"port":81}"""));
        Assert.Equal(port, Port(replaced));

        JsonObject inside = await api.OkAsync("PATCH", $"{Services}/{name}", """{"spec":{"type":"ClusterIP"}}""", "application/merge-patch+json");
        Assert.Null(inside["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Null(inside["spec"]!["externalTrafficPolicy"]);

        JsonObject outside = await api.OkAsync("PATCH", $"{Services}/{name}", $$"""{"spec":{"type":"{{type}}"} }""", "application/merge-patch+json");
        Assert.InRange(Port(outside), 30000, 32767);
    }

    [Fact]
    public async Task Every_service_gets_another_port()
    {
        JsonObject[] made = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => CreateAsync($"own-{number}", "NodePort")));

        Assert.Equal(20, made.Select(Port).Distinct().Count());
    }

    [Fact]
    public async Task A_port_that_is_in_use_on_the_machine_is_not_given()
    {
        long last = Port(await CreateAsync("before", "NodePort"));
        using TcpListener other = new(IPAddress.Loopback, (int)(last == 32767 ? 30000 : last + 1));
        other.Start();

        Assert.NotEqual(((IPEndPoint)other.LocalEndpoint).Port, Port(await CreateAsync("after", "NodePort")));
    }

    [Fact]
    public async Task A_balancer_may_go_without()
    {
        JsonObject made = await api.OkAsync("POST", Services, Service("without", "LoadBalancer", """{"port":80}""", ""","allocateLoadBalancerNodePorts":false"""));

        Assert.Null(made["spec"]!["ports"]![0]!["nodePort"]);
    }

    [Fact]
    public async Task A_port_that_another_service_has_or_that_is_no_node_port_is_refused()
    {
        await api.OkAsync("POST", Services, Service("has", "NodePort", """{"port":80,"nodePort":32760}"""));

        Assert.Contains("spec.ports[0].nodePort: Invalid value: 32760: provided port is already allocated", await RefusalAsync("NodePort", 32760), StringComparison.Ordinal);
        Assert.Contains("The range of valid ports is 30000-32767", await RefusalAsync("LoadBalancer", 80), StringComparison.Ordinal);
        Assert.Contains("may not be used when `type` is 'ClusterIP'", await RefusalAsync("ClusterIP", 32761), StringComparison.Ordinal);
    }

    private static JsonNode? Cell(JsonObject service, string column) =>
        BuiltInColumns.Services.Single(each => each.Name == column).Value(service, DateTimeOffset.UnixEpoch);

    private static long Port(JsonObject service) => (long)service["spec"]!["ports"]![0]!["nodePort"]!;

    private static string Service(string name, string type, string port, string more = "") =>
        $$"""{"metadata":{"name":"{{name}}"},"spec":{"type":"{{type}}","selector":{"app":"web"},"ports":[{{port}}]{{more}}} }""";

    private Task<JsonObject> CreateAsync(string name, string type) => api.OkAsync("POST", Services, Service(name, type, """{"port":80}"""));

    private async Task<string> RefusalAsync(string type, int nodePort)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", Services, Service("refused", type, $$"""{"port":80,"nodePort":{{nodePort}}}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        return (string)answer["message"]!;
    }
}
