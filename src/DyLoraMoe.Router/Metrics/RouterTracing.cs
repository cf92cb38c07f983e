using System.Diagnostics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DyLoraMoe.Router.Metrics;

/// <summary>Traces of requests to a collector, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> or <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c> names one. They hold names and counts, never a text.</summary>
internal static class RouterTracing
{
    private const string Name = "DyLoraMoe.Router";
    private const string All = "OTEL_EXPORTER_OTLP_";
    private const string Traces = "OTEL_EXPORTER_OTLP_TRACES_";

    private static readonly ActivitySource _source = new(Name);

    /// <summary>Has traces exported, if that is configured.</summary>
    public static IServiceCollection AddTracing(this IServiceCollection services)
    {
        if (Variable(All + "ENDPOINT") is not null || Variable(Traces + "ENDPOINT") is not null)
        {
            services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService("dylora-router"))
                .WithTracing(tracing => tracing.AddSource(Name).AddOtlpExporter(ForTraces));
        }

        return services;
    }

    // The exporter by itself knows the variables for all signals only.
    private static void ForTraces(OtlpExporterOptions exporter)
    {
        if (Variable(Traces + "PROTOCOL") is { } protocol)
        {
            exporter.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        exporter.Headers = Variable(Traces + "HEADERS") ?? exporter.Headers;
        if (Variable(Traces + "ENDPOINT") is { } endpoint)
        {
            exporter.Endpoint = new Uri(endpoint);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>Begins the span of a request below <c>/v1</c>, as a part of the trace that the client names; null when nobody listens.</summary>
    public static Activity? Begin(HttpContext context)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // ASP.NET Core may have an activity of its own here, which is not exported; a parent that nobody sees would tear the trace.
        Activity.Current = null;
        var headers = context.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        return _source.StartActivity(context.Request.Method, ActivityKind.Server, parent)?
            .SetTag("http.request.method", context.Request.Method)
            .SetTag("dylora.request.id", context.TraceIdentifier);
    }

    /// <summary>Begins a part of the current request.</summary>
    public static Activity? Begin(string part) => _source.StartActivity(part);

    /// <summary>Ends the span of a request.</summary>
    public static void End(Activity? span, string endpoint, int status, RequestNotes notes)
    {
        if (span is null)
        {
            return;
        }

        span.DisplayName = $"{span.DisplayName} {endpoint}";
        span.SetTag("http.route", endpoint).SetTag("http.response.status_code", status);
        if (notes.Usage is { } usage)
        {
            span.SetTag("gen_ai.operation.name", endpoint.EndsWith("/chat/completions", StringComparison.Ordinal) ? "chat" : "text_completion")
                .SetTag("gen_ai.request.model", notes.Model)
                .SetTag("gen_ai.usage.input_tokens", usage.PromptTokens)
                .SetTag("gen_ai.usage.output_tokens", usage.CompletionTokens)
                .SetTag("dylora.expert", notes.Expert);
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }
}
