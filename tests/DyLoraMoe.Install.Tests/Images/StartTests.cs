using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Install.Tests.Images;

/// <summary>What the operator says when it cannot begin: one line on standard error, and an exit code that is not 0.</summary>
public sealed class StartTests
{
    [Fact]
    public void An_option_that_is_wrong_is_said_in_one_line() =>
        Refused("Expected a whole number in DYLORA_METRICS_PORT, found 'many'.", ("DYLORA_METRICS_PORT", "many"));

    [Fact]
    public void A_kubeconfig_that_is_not_there_is_said_in_one_line() =>
        Refused("/nowhere/kubeconfig", ("KUBECONFIG", "/nowhere/kubeconfig"));

    [Fact]
    public void A_port_that_is_taken_is_said_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        Refused($"{port}: address already in use", ("DYLORA_METRICS_PORT", port));
    }

    private static void Refused(string reason, params (string Name, string Value)[] environment)
    {
        var (code, _, errors) = ChildProcess.Run(Programs.Operator, [], environment);

        Assert.Equal(1, code);
        Assert.StartsWith("dylora-operator: ", errors, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
