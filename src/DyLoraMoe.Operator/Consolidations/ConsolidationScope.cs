using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>A visit to a Consolidation. Its status begins as the last one and is changed by what the phases find.</summary>
internal sealed class ConsolidationScope(Consolidation consolidation) : VisitScope
{
    public Consolidation Consolidation => consolidation;

    public ConsolidationSpec Spec => consolidation.Spec;

    public string Namespace => consolidation.Metadata.NamespaceProperty;

    public string Name => consolidation.Metadata.Name;

    /// <summary>Set by <see cref="AcceptConsolidation"/>.</summary>
    public Backbone Backbone { get; set; } = null!;

    /// <summary>Set by <see cref="AcceptConsolidation"/>; null before the first set is served.</summary>
    public KnownSet? ActiveSet { get; set; }

    /// <summary>Set by <see cref="AcceptConsolidation"/>; null for a Consolidation that runs once.</summary>
    public Timetable? Timetable { get; set; }

    /// <summary>The status so far.</summary>
    public ConsolidationStatus Status { get; } = consolidation.Status with { Job = null, Conditions = [] };

    /// <summary>The run that is under way; null when there is none.</summary>
    public ConsolidationRun? OpenRun => Status.Run is { CompletionTime: null } run ? run : null;

    /// <summary>Whether work is suspended.</summary>
    public bool IsSuspended => consolidation.Spec.Suspend || Backbone.Spec.Suspend;

    /// <summary>Changes an expert of the run that is under way.</summary>
    public void Change(ConsolidatedExpert old, ConsolidatedExpert now)
    {
        var run = OpenRun!;
        IList<ConsolidatedExpert> experts = [.. run.Experts.Select(expert => expert == old ? now : expert)];
        Status.Run = run with { Experts = experts, Progress = Runs.Progress(experts) };
    }
}
