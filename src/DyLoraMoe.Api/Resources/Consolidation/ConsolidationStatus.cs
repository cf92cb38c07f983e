using DyLoraMoe.Api.Conditions;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a Consolidation gets on.</summary>
[DefaultValue("{\"observedGeneration\": -1}", Json = true)]
public sealed record ConsolidationStatus : IConditioned
{
    /// <summary>The generation that this status was computed for; -1 before the first time.</summary>
    public long ObservedGeneration { get; set; } = -1;

    /// <summary>When it was due last, whether it ran then or not.</summary>
    public DateTimeOffset? LastScheduleTime { get; set; }

    /// <summary>When it is due next; none without a schedule.</summary>
    public DateTimeOffset? NextScheduleTime { get; set; }

    /// <summary>The schedule that it was due by last; none without one.</summary>
    public ObservedSchedule? ObservedSchedule { get; set; }

    /// <summary>Times that it was due and did not run: too late, suspended, or while a run was under way.</summary>
    public int? Missed { get; set; }

    /// <summary>Name of the job that works for it now.</summary>
    public string? Job { get; set; }

    /// <summary>Its newest run.</summary>
    public ConsolidationRun? Run { get; set; }

    /// <summary>Runs before that one, the newest first.</summary>
    [Items(0, Bounds.Nights)]
    public IList<PastRun>? History { get; set; }

    /// <summary>How it is, each type once.</summary>
    [Items(0, Bounds.Conditions)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<Condition> Conditions { get; set; } = [];
}
