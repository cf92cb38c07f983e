using k8s;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>The real client, whose calls a function answers.</summary>
internal sealed class WiredClient : IDisposable
{
    public WiredClient(Func<HttpRequestMessage, HttpResponseMessage> answer, params DelegatingHandler[] before) =>
        Kubernetes = new(new KubernetesClientConfiguration { Host = "http://localhost" }, [.. before, new Answers(answer)]);

    public Kubernetes Kubernetes { get; }

    public void Dispose() => Kubernetes.Dispose();

    private sealed class Answers(Func<HttpRequestMessage, HttpResponseMessage> answer) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Answered(request));

        private HttpResponseMessage Answered(HttpRequestMessage request)
        {
            var response = answer(request);
            response.RequestMessage ??= request;
            return response;
        }
    }
}
