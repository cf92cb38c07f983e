using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>Opens WebSockets as somebody else: the same handler tells it that tells it for other requests. A WebSocket that is given a handler leaves trust and proxy to that.</summary>
/// <param name="lines">The headers.</param>
/// <param name="proxy">What it goes through; null for what the environment says.</param>
internal sealed class ImpersonatingSocketBuilder(HeaderLines lines, IWebProxy? proxy) : WebSocketBuilder
{
    /// <inheritdoc/>
    public override async Task<WebSocket> BuildAndConnectAsync(Uri uri, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false };
        handler.SslOptions.ClientCertificates = [.. Options.ClientCertificates];
        handler.SslOptions.RemoteCertificateValidationCallback = Options.RemoteCertificateValidationCallback;
        if (proxy is not null)
        {
            handler.Proxy = proxy;
        }

        lines.Prepare(handler);
        (Options.ClientCertificates, Options.RemoteCertificateValidationCallback) = (new X509CertificateCollection(), null);
        using var invoker = new HttpMessageInvoker(new ImpersonatingHandler(lines) { InnerHandler = handler }, disposeHandler: false);
        await WebSocket.ConnectAsync(uri, invoker, cancellationToken).ConfigureAwait(false);
        return WebSocket;
    }
}
