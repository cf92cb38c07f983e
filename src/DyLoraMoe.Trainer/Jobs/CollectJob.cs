using System.Globalization;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Removes from the store what nothing refers to: what was released, and what nobody published lately.</summary>
internal sealed class CollectJob(TimeProvider time) : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Collect ?? throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, "The request is of kind Collect and has no part collect.");
        var now = time.GetUtcNow();
        var sweep = new StoreSweep(context.Store, context.Derived, input, input.AsOf < now ? input.AsOf.Value : now, context.Say);
        sweep.Artifacts(ArtifactKind.Dataset, input.Datasets);
        sweep.Artifacts(ArtifactKind.Expert, input.Experts);
        sweep.Artifacts(ArtifactKind.Router, input.Routers);
        if (input.Backbones is { } backbones)
        {
            sweep.Artifacts(ArtifactKind.Backbone, backbones);
        }

        sweep.Derived(context.Request.Backbone);
        sweep.Checkpoints([.. input.Checkpoints, context.Arguments.Name]);
        sweep.Abandoned();
        return new JobResult
        {
            Kind = JobKind.Collect,
            Outcome = JobOutcome.Succeeded,
            Reason = "Collected",
            Message = string.Create(CultureInfo.InvariantCulture, $"Removed {sweep.Removed} folders of {sweep.Bytes:N0} bytes."),
            Collect = new CollectResult(sweep.Removed, sweep.Bytes) { Left = sweep.Left },
        };
    }
}
