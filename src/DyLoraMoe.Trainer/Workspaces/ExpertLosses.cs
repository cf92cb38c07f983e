using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>Lets the detector ask a workspace's experts.</summary>
internal sealed class ExpertLosses(WorkspaceSession session, CancellationToken cancellation) : IExpertLosses
{
    /// <inheritdoc/>
    public IReadOnlyList<SampleLoss> Backbone(IReadOnlyList<TokenizedSample> samples) =>
        session.Evaluator.Evaluate(EvaluationSet.OfSamples(samples), cancellation: cancellation).Samples;

    /// <inheritdoc/>
    public IReadOnlyList<SampleLoss>? Of(string expert, IReadOnlyList<TokenizedSample> samples)
    {
        if (session.Workspace.State.Experts.GetValueOrDefault(expert) is not { IsArchived: false } entry)
        {
            return null;
        }

        using var adapter = session.Load(entry);
        return session.Evaluator.Evaluate(EvaluationSet.OfSamples(new Invocation(adapter.Config).Of(samples)), adapter, cancellation).Samples;
    }
}
