namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>Adds to every request as whom it is asked.</summary>
/// <param name="lines">The headers, as .NET may send them.</param>
internal sealed class ImpersonatingHandler(HeaderLines lines) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in lines.Sent)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
