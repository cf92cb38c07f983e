using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Whether the spec holds.</summary>
internal sealed class AcceptBackbone : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var spec = scope.Backbone.Spec;
        var verdict = spec.Source.S3 is not null || spec.Store.S3 is not null
            ? Finding.False(ConditionTypes.Accepted, OwnReasons.NotSupported, "S3 is not supported by this version of the operator; use a volume.")
            : BackboneRules.Check(scope.Backbone) is { Count: > 0 } errors
            ? Finding.False(ConditionTypes.Accepted, Reasons.InvalidSpec, string.Join(" ", errors))
            : Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists.");
        scope.Find(verdict);
        return Task.FromResult(verdict.Status == ConditionStatus.True ? Outcome.Continue : Outcome.Stop(verdict.Reason, verdict.Message));
    }
}
