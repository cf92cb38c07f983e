using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>GET /v1/set</c>: what is loaded.</summary>
internal static class SetEndpoint
{
    /// <summary>Answers.</summary>
    public static Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var reason = HealthEndpoints.Readiness(services).Reason;
        var reply = services.GetRequiredService<SetState>().Current is { } served
            ? Of(served, reason, services.GetRequiredService<RouterMetrics>(), services.GetRequiredService<ServerOptions>())
            : new SetReply(false, null, "none") { Reason = reason };
        return Replies.WriteAsync(context, reply, WireJson.Default.SetReply);
    }

    private static SetReply Of(ServedSet served, string? reason, RouterMetrics metrics, ServerOptions options)
    {
        var (set, engine, since) = served;
        return new SetReply(reason is null, set.Revision, set.Router?.Mode.Kind.ToString() ?? "Backbone")
        {
            Reason = reason,
            Backbone = new BackboneReply(set.Document.Backbone.Name, set.BackboneDigest, set.Model.DataType.ToString(), set.Model.Device.ToString()),
            Router = set.Document.Router,
            Experts = [.. set.Experts.Select(expert => new ExpertReply(
                expert.Member.Name,
                expert.Member.Digest,
                expert.Member.Version,
                expert.Member.Mode,
                expert.Member.Rank,
                expert.Member.Maturity,
                expert.Bytes,
                set.Pool.Holds(expert),
                Math.Round(metrics.ShareOf(expert.Member.Name), 5)))],
            ServingSince = since,
            Limits = new LimitsReply(engine.MaxContext, engine.MaxBatch, options.Engine.MaxQueue, engine.MaxRequest),
        };
    }
}
