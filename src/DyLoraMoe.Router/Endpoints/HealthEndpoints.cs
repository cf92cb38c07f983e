using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>/healthz</c> and <c>/readyz</c>.</summary>
internal static class HealthEndpoints
{
    // A pass over a chunk takes seconds on the slowest machine that is of use; this long means that it hangs.
    private static readonly TimeSpan _longestTurn = TimeSpan.FromMinutes(2);

    /// <summary>Whether the process works; a fault of the set is none of the process.</summary>
    public static Task HealthyAsync(HttpContext context)
    {
        var engine = context.RequestServices.GetRequiredService<SetState>().Current?.Engine;
        return WriteAsync(context, FaultOf(engine) ?? new HealthReply("ok"));
    }

    /// <summary>Whether exactly the named set is served, and will be for a while.</summary>
    public static Task ReadyAsync(HttpContext context) => WriteAsync(context, Readiness(context.RequestServices));

    /// <summary>Whether exactly the named set is served, and will be for a while; a reason when not.</summary>
    /// <param name="services">What the server is made of.</param>
    public static HealthReply Readiness(IServiceProvider services)
    {
        var state = services.GetRequiredService<SetState>();
        var problem = state.Problem;
        return (state.Current, services.GetRequiredService<DrainState>().IsDraining) switch
        {
            (_, true) => new HealthReply("draining") { Reason = "The server is stopping." },
            ({ Engine: { } engine }, _) when FaultOf(engine) is { } fault => fault,
            ({ Set.Pool: var pool }, _) when pool.FindLost() is { } lost => new HealthReply("unavailable") { Part = "expert " + lost.Name, Reason = lost.Reason },
            ({ } served, _) => new HealthReply("ready") { Revision = served.Set.Revision },
            _ => new HealthReply(problem.IsLoading ? "loading" : "unavailable") { Part = problem.Part, Reason = problem.Reason },
        };
    }

    private static HealthReply? FaultOf(GenerationEngine? engine) => engine switch
    {
        { Fault: { } fault } => new HealthReply("broken") { Part = "device", Reason = $"The device does not work any more: {fault.Message}" },
        { Stalled: var stalled } when stalled >= _longestTurn => new HealthReply("stalled") { Part = "engine", Reason = $"The engine has not finished a pass for {stalled.TotalSeconds:0} s." },
        _ => null,
    };

    private static Task WriteAsync(HttpContext context, HealthReply reply) =>
        Replies.WriteAsync(context, reply, WireJson.Default.HealthReply, reply.Reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
