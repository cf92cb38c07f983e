using System.Net;
using System.Net.Sockets;
using System.Text;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Autorest;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;

namespace DyLoraMoe.Operator.Tests.Cluster;

/// <summary>What becomes of the election while the API server is away.</summary>
public sealed class LeaseCallsTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private static HttpRequestException Refused => new("Connection refused (localhost:6443)", new SocketException((int)SocketError.ConnectionRefused));

    [Fact]
    public async Task An_elector_goes_on_asking_while_the_server_is_away_and_leads_once_it_is_back()
    {
        var gets = 0;
        using var client = new WiredClient(
            request => request.Method == HttpMethod.Post ? Answer(HttpStatusCode.Created, """{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "lease"}, "spec": {}}""")
                : ++gets switch
                {
                    <= 3 => throw Refused,
                    4 => new() { Content = new StreamContent(new CutStream(() => { })) },
                    _ => Answer(HttpStatusCode.NotFound, "{}"),
                },
            new LeaseCalls());
        using var elector = new LeaderElector(new(new LeaseLock(client.Kubernetes, "team", "lease", "me")) { RetryPeriod = TimeSpan.FromMilliseconds(20) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        elector.OnStartedLeading += leads.SetResult;

        var round = elector.RunUntilLeadershipLostAsync(stop.Token);
        await Task.WhenAny(leads.Task, round).WaitAsync(_longest, TestContext.Current.CancellationToken);

        Assert.True(leads.Task.IsCompletedSuccessfully, $"The round ended: {round.Exception?.InnerException?.Message}");
        Assert.True(gets >= 5, $"Asked {gets} times.");
        await stop.CancelAsync();

        // One that is stopped within a renewal takes the lease for lost and returns; between two of them it throws.
        await round.WaitAsync(_longest, TestContext.Current.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(round.IsCompleted);
    }

    [Fact]
    public async Task A_lease_that_nobody_answers_about_is_answered_with_503()
    {
        using var client = new WiredClient(_ => throw Refused, new LeaseCalls());

        var error = await Assert.ThrowsAsync<HttpOperationException>(() => client.Kubernetes.CoordinationV1.ReadNamespacedLeaseAsync("lease", "team", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.Response.StatusCode);
        Assert.Contains("refused", error.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_calls_fail_as_they_did()
    {
        using var client = new WiredClient(_ => throw Refused, new LeaseCalls());

        await Assert.ThrowsAsync<HttpRequestException>(() => client.Kubernetes.CoreV1.ReadNamespacedPodAsync("pod", "team", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_asks_no_more_gets_no_answer()
    {
        using var stop = new CancellationTokenSource();
        using var client = new WiredClient(
            _ =>
            {
                stop.Cancel();
                throw new TaskCanceledException();
            },
            new LeaseCalls());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Kubernetes.CoordinationV1.ReadNamespacedLeaseAsync("lease", "team", cancellationToken: stop.Token));
    }

    private static HttpResponseMessage Answer(HttpStatusCode code, string text) => new(code) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
}
