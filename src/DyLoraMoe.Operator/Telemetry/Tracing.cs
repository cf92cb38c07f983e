using OpenTelemetry;
using OpenTelemetry.Resources;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>Traces and figures to a collector, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one.</summary>
internal static class Tracing
{
    public static IServiceCollection AddTracing(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService("dylora-operator"))
                .WithTracing(tracing => tracing.AddSource(OperatorTelemetry.Name))
                .WithMetrics(metrics => metrics.AddMeter(OperatorTelemetry.Meters))
                .UseOtlpExporter();
        }

        return services;
    }
}
