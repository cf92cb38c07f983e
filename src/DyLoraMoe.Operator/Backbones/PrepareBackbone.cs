using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Has the weights loaded once, to know what they are and that they are the expected ones.</summary>
internal sealed class PrepareBackbone(JobRunner jobs) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var (spec, status) = (scope.Backbone.Spec, scope.Status);
        var expected = RequestParts.Given(spec.Digest);
        if (status.Digest is null)
        {
            var stage = await jobs.AdvanceAsync(
                new()
                {
                    Kind = JobKind.Prepare,
                    Subject = scope.Backbone,
                    Backbone = scope.Backbone,
                    Inputs = Hash.Of([spec.Source.Builtin, spec.Source.PersistentVolumeClaim?.ClaimName, spec.Source.PersistentVolumeClaim?.Path, expected, spec.Dtype, .. Buckets.Identity(spec.Source.S3), .. Buckets.Identity(spec.Store.S3)]),
                    IsSuspended = spec.Suspend,
                    IsUrgent = true,
                    Request = () => RequestParts.Begin(JobKind.Prepare, scope.Backbone, null, []),
                },
                cancellationToken);
            if (stage is not JobStage.Finished { IsSuccess: true } finished)
            {
                var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.Prepared, Reasons.InvalidInput);
                scope.Find(finding);
                return outcome;
            }

            var result = finished.Result.Prepare!;
            (status.Digest, status.Architecture, status.Parameters, status.ContextLength) = (result.Digest, result.Architecture, result.Parameters, result.ContextLength);
        }

        if (expected is not null && expected != status.Digest)
        {
            var message = $"The weights are {status.Digest}, expected were {expected}.";
            scope.Find(Finding.False(ConditionTypes.Prepared, Reasons.DigestMismatch, message));
            return Outcome.Stop(Reasons.DigestMismatch, message);
        }

        scope.Find(Finding.True(ConditionTypes.Prepared, Reasons.BackbonePrepared, $"{status.Architecture} with {status.Parameters} weights, {status.Digest}."));
        return Outcome.Continue;
    }
}
