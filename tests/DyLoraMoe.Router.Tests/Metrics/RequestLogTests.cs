using DyLoraMoe.Router.Endpoints;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Router.Tests.Metrics;

public sealed class RequestLogTests(SampleSet sample)
{
    [Fact]
    public async Task An_answer_that_fails_after_its_status_was_sent_counts_as_what_it_is()
    {
        await using var server = await TestServer.StartAsync(sample);
        var metrics = server.Services.GetRequiredService<RouterMetrics>();
        var middleware = new RequestLogMiddleware(Fail, metrics, server.Services.GetRequiredService<DrainState>(), TimeProvider.System, NullLogger<RequestLogMiddleware>.Instance);
        var context = new DefaultHttpContext { Request = { Path = "/v1/completions", Method = "POST" } };

        await middleware.InvokeAsync(context);

        Assert.Equal(200, context.Response.StatusCode);
        Assert.Contains("dylora_router_requests_total{expert=\"(none)\",endpoint=\"(none)\",code=\"503\"} 1", metrics.Text(), StringComparison.Ordinal);
        Assert.Contains("dylora_router_request_seconds_count 0", metrics.Text(), StringComparison.Ordinal);

        static Task Fail(HttpContext context)
        {
            RequestNotes.Of(context).Failed(ApiException.Unavailable("It took too long.", "timeout", TimeSpan.FromSeconds(1)));
            return Task.CompletedTask;
        }
    }
}
