using System.Net;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// Answers calls about leases with 503 while the API server does not answer. The elector asks again after its retry period whatever a server says, but an exception ends
/// its round, after which KubeOps waits for up to half a minute: nobody would lead for that long after the server is back.
/// </summary>
internal sealed class LeaseCalls : DelegatingHandler
{
    private const string Leases = "/apis/coordination.k8s.io/";

    // The elector itself gives no call up, and has seven seconds to renew.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri?.AbsolutePath.Contains(Leases, StringComparison.Ordinal) != true)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            var answer = await base.SendAsync(request, limit.Token);

            // Here, since a connection may break in the middle of it.
            await answer.Content.LoadIntoBufferAsync(limit.Token);
            return answer;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new(HttpStatusCode.ServiceUnavailable) { RequestMessage = request, Content = new StringContent(error.Message) };
        }
    }
}
