using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What its evaluation says, how mature it is, and whether the set that is served holds its newest version.</summary>
internal sealed class AwaitSet(ICluster cluster) : IPhase<ExpertScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        var status = scope.Status;
        scope.Find(Evaluated(status));
        var member = scope.ActiveSet?.Find(scope.Name);
        status.AdmittedDigest = member?.Digest;
        Mature(scope);
        Serve(scope);
        if (member is not null && member.Digest == status.Artifact!.Digest)
        {
            scope.Find(Finding.True(ConditionTypes.Served, Reasons.Serving, $"Every pod of the router serves version {member.Version}."));
            return Task.FromResult(Outcome.Finish(Reasons.Serving, $"Version {member.Version} is served."));
        }

        return Task.FromResult(NotServed(scope));
    }

    private Outcome NotServed(ExpertScope scope)
    {
        var artifact = scope.Status.Artifact!;
        if (ExpertVersions.IsUseless(scope.Status.Evaluation))
        {
            scope.Find(Finding.False(ConditionTypes.Served, Reasons.NoGain, "What is no better than the bare backbone does not enter a set."));
            return Outcome.Stop(Reasons.NoGain, $"Version {artifact.Version} is no better than the bare backbone on held-out data.");
        }

        if (SetDraft.RefusalOf(cluster, scope.Backbone, scope.Name, artifact.Digest) is { } refusal)
        {
            // The reason of a job that failed would send people to this object's own jobs; the one that refuses a set is the Backbone's.
            var reason = refusal.Reason == Reasons.RollOutStuck ? Reasons.RollOutStuck : Reasons.RegressionRefused;
            scope.Find(Finding.False(ConditionTypes.Served, reason, refusal.Message));
            return Outcome.Stop(reason, refusal.Message);
        }

        if (Pin.Of(cluster, scope.Backbone) is { } pin && pin.KeepsOut(scope.Name, artifact.Digest))
        {
            var pinned = $"Version {artifact.Version} is not part of the set that is served: {pin.Message}";
            scope.Find(Finding.Unknown(ConditionTypes.Served, Reasons.RevisionPinned, pinned));
            return Outcome.WaitFor(Reasons.RevisionPinned, pinned, _patience);
        }

        var message = $"Version {artifact.Version} is not part of the set that is served yet.";
        scope.Find(Finding.Unknown(ConditionTypes.Served, Reasons.NotInSet, message));
        return Outcome.WaitFor(Reasons.NotInSet, message, _patience);
    }

    private static Finding Evaluated(LoraExpertStatus status) => status.Evaluation switch
    {
        null => Finding.Unknown(ConditionTypes.Evaluated, Reasons.NotMeasured, "This version was not measured: there were no held-out data, or a roll back brought it here."),
        { GainPercent: > 0 } evaluation => Finding.True(ConditionTypes.Evaluated, Reasons.GainMeasured, $"It loses {evaluation.GainPercent} % less than the bare backbone: {evaluation.ExpertLoss} against {evaluation.BackboneLoss} nats per token."),
        { } evaluation => Finding.False(ConditionTypes.Evaluated, Reasons.NoGain, $"It loses {evaluation.ExpertLoss} nats per token, the bare backbone {evaluation.BackboneLoss}."),
    };

    private static void Mature(ExpertScope scope)
    {
        var status = scope.Status;
        if (scope.ActiveSet?.Facts.Maturity.TryGetValue(scope.Name, out var maturity) != true || maturity is null)
        {
            status.Stage = ExpertStages.Consolidating;
            scope.Find(Finding.Unknown(ConditionTypes.Mature, Reasons.NotInSet, "It is found out when a router is fitted."));
            return;
        }

        status.MaturityPercent = maturity.Percent;
        status.HeldBackBy = maturity.HeldBackBy;
        status.Stage = maturity.IsMature ? ExpertStages.Mature : ExpertStages.Consolidating;
        scope.Find(maturity.IsMature
            ? Finding.True(ConditionTypes.Mature, Reasons.EvidenceSufficient, $"{maturity.Percent} % mature.")
            : Finding.False(ConditionTypes.Mature, Reasons.EvidenceInsufficient, $"{maturity.Percent} % mature; held back by {maturity.HeldBackBy}."));
    }

    // While pods are replaced the figures of before stand: they are told of once the roll is through.
    private static void Serve(ExpertScope scope)
    {
        var (status, backbone) = (scope.Status, scope.Backbone.Status);
        if (status.AdmittedDigest is null)
        {
            (status.ServedReplicas, status.DesiredReplicas, status.Served) = (null, null, null);
        }
        else if (backbone.Conditions.IsTrue(ConditionTypes.RolledOut) || status.Served is null)
        {
            (status.ServedReplicas, status.DesiredReplicas) = (backbone.ReadyReplicas ?? 0, backbone.Replicas ?? 0);
            status.Served = string.Create(CultureInfo.InvariantCulture, $"{status.ServedReplicas}/{status.DesiredReplicas}");
        }
    }
}
