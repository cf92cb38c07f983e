using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What is to be consolidated, when, and within which bounds.</summary>
[ValidationRule("has(self.schedule) || !has(self.timeZone)", message: "timeZone belongs to a schedule")]
[ValidationRule("has(self.schedule) || !has(self.startingDeadlineSeconds)", message: "startingDeadlineSeconds belongs to a schedule")]
[ValidationRule("!has(self.episodes) || !has(self.experts) || self.episodes.expert in self.experts", message: "episodes.expert must be among the experts")]
public sealed record ConsolidationSpec
{
    /// <summary>The Backbone whose experts it is for.</summary>
    [Required]
    [ValidationRule("self == oldSelf", message: "is immutable: another backbone's experts are consolidated by another Consolidation")]
    public LocalReference BackboneRef { get; set; } = new();

    /// <summary>
    /// When it runs, as for a CronJob: minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly, @yearly. Where both days are
    /// named, either is enough. Left out, it runs once as soon as it is there, and once more whenever what it is to do changes.
    /// </summary>
    [Length(1, 128)]
    [Pattern(Patterns.Schedule)]
    public string? Schedule { get; set; }

    /// <summary>Time zone of the schedule by its IANA name, such as Europe/Vienna. UTC when left out.</summary>
    [Length(1, 64)]
    [Pattern(Patterns.TimeZone)]
    public string? TimeZone { get; set; }

    /// <summary>How late a run may begin, when the operator was away as it was due. What is later is left out and counted. 3,600 when left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(604_800)]
    public int? StartingDeadlineSeconds { get; set; }

    /// <summary>The LoraExperts to consolidate. All that are served when left out.</summary>
    [Items(1, Bounds.Night)]
    [XListType(XListType.Set)]
    [Each(Bounds.NameLength, Patterns.ResourceName)]
    public IList<string>? Experts { get; set; }

    /// <summary>What is made up for the night besides what the experts' Skills hold. Nothing when left out.</summary>
    public DreamPolicy? Dreams { get; set; }

    /// <summary>Which episodes of the Backbone's memory are learnt, and by whom. None when left out.</summary>
    public EpisodePolicy? Episodes { get; set; }

    /// <summary>How much may be spent on an expert in a run, and how far it may move.</summary>
    [DefaultValue("{}", Json = true)]
    public ConsolidationBudget Budget { get; set; } = new();

    /// <summary>What must have become better for an expert's new version to be offered.</summary>
    [DefaultValue("{}", Json = true)]
    public ConsolidationGates Gates { get; set; } = new();

    /// <summary>Starts no further run, and stops one that is under way at its next checkpoint. What is served stays.</summary>
    [DefaultValue(false)]
    public bool Suspend { get; set; }

    /// <summary>How many runs that have ended its status keeps.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(Bounds.Nights)]
    [DefaultValue(5)]
    public int HistoryLimit { get; set; } = 5;
}
