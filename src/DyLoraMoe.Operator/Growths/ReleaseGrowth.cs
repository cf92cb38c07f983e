using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Lets a Growth go: what works for it is stopped. A set on the larger backbone says all that there is to know of it, so what is served stays served.</summary>
internal sealed class ReleaseGrowth(JobRunner jobs) : IPhase<GrowthScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        await jobs.StopAsync(scope.Growth, JobKind.Grow, cancellationToken);
        await jobs.StopAsync(scope.Growth, JobKind.Migrate, cancellationToken);
        return Outcome.Finish(Reasons.Terminating, "Nothing works for it any more.");
    }
}
