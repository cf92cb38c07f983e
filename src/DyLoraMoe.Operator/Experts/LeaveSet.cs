using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Lets an expert go once no pod serves it, and writes down what becomes of its weights.</summary>
internal sealed class LeaveSet(ICluster cluster, JobRunner jobs) : IPhase<ExpertScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        await jobs.StopAsync(scope.Expert, JobKind.Train, cancellationToken);
        await jobs.StopAsync(scope.Expert, JobKind.Import, cancellationToken);
        if (cluster.Find<Backbone>(scope.Namespace, scope.Expert.Spec.BackboneRef.Name) is not { } backbone)
        {
            return Outcome.Finish(Reasons.Terminating, "Its Backbone is gone.");
        }

        // A Backbone that is being deleted serves no next set; it waits for what is written down here.
        if (backbone.Metadata.DeletionTimestamp is null && (IsIn(cluster.ActiveSet(backbone)) || IsIn(cluster.FindSet(backbone, backbone.Status.PendingRevision))))
        {
            return Pin.Of(cluster, backbone) is { } pin && pin.KeepsIn(scope.Name)
                ? Outcome.WaitFor(Reasons.RevisionPinned, $"The set that is served holds it: {pin.Message}", _patience)
                : Outcome.WaitFor(Reasons.Terminating, "The set that is served still holds it.", _patience);
        }

        var isKept = scope.Expert.Spec.DeletionPolicy == DeletionPolicies.Retain;
        foreach (var digest in Digests(scope.Expert.Status, isKept))
        {
            await Ledger.NoteAsync(cluster, backbone, digest, isKept, cancellationToken);
        }

        return Outcome.Finish(Reasons.Terminating, "Nothing serves it any more.");

        bool IsIn(KnownSet? set) => set?.Find(scope.Name) is not null;
    }

    private static IEnumerable<string> Digests(LoraExpertStatus status, bool isKept) =>
        (isKept ? new[] { status.Artifact?.Digest } : (status.History ?? []).Select(entry => (string?)entry.Digest).Append(status.Artifact?.Digest)).OfType<string>().Distinct(StringComparer.Ordinal);
}
