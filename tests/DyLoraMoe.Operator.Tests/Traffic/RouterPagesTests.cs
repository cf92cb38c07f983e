using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Tests.World;
using DyLoraMoe.Operator.Traffic;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.Traffic;

public sealed class RouterPagesTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task No_connection_is_kept_that_a_router_would_wait_for_before_it_ends()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_patience);
        using var router = Listen();
        var address = ((IPEndPoint)router.LocalEndpoint).Address.ToString();
        using var pages = new RouterPages(RouterPages.Network(), NullLogger<RouterPages>.Instance);
        var pod = new V1Pod { Metadata = new() { Name = "one", NamespaceProperty = "team" }, Status = new() { PodIP = address } };

        var asking = pages.AskAsync(pod, "/metrics", null, limit.Token);
        using var connection = await router.AcceptTcpClientAsync(limit.Token);
        var stream = connection.GetStream();
        var buffer = new byte[4096];
        Assert.NotEqual(0, await stream.ReadAsync(buffer, limit.Token));
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npage\n"), limit.Token);

        Assert.Equal("page\n", await asking);
        Assert.Equal(0, await stream.ReadAsync(buffer, limit.Token));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_read_and_the_log_says_so()
    {
        var log = new Warnings();
        using var network = new FakeNetwork();
        network.Answer("10.0.0.1", new string('x', (1 << 20) + 1));
        using var pages = new RouterPages(network, log);
        var pod = new V1Pod { Metadata = new() { Name = "one", NamespaceProperty = "team" }, Status = new() { PodIP = "10.0.0.1" } };

        Assert.Null(await pages.AskAsync(pod, "/metrics", null, TestContext.Current.CancellationToken));

        Assert.Contains("team/one answered to /metrics with more than 1048576 bytes", Assert.Single(log.All), StringComparison.Ordinal);
    }

    // The port is a router's, so the address is one that nobody else has.
    private static TcpListener Listen()
    {
        for (var at = Environment.ProcessId; ; at++)
        {
            var router = new TcpListener(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.240.{at / 250 % 250}.{1 + (at % 250)}")), RouterTemplate.Port);
            try
            {
                router.Start();
                return router;
            }
            catch (SocketException)
            {
                router.Dispose();
            }
        }
    }

    private sealed class Warnings : ILogger<RouterPages>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
