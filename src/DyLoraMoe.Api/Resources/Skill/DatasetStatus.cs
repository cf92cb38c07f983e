namespace DyLoraMoe.Api.Resources;

/// <summary>Data as they were read.</summary>
public sealed record DatasetStatus
{
    /// <summary>Digest of the dataset in the store.</summary>
    public string? Digest { get; set; }

    /// <summary>Different samples.</summary>
    public int? Samples { get; set; }

    /// <summary>How many of them are held out.</summary>
    public int? HeldOut { get; set; }

    /// <summary>The share that is held out, in percent: the smallest that the spec has asked for since the Skill has an expert, for what was learnt cannot be held out any more.</summary>
    public int? HeldOutPercent { get; set; }

    /// <summary>Tokens of all of them.</summary>
    public long? Tokens { get; set; }

    /// <summary>Samples that were left out since they nearly repeat another, where data.dropDuplicates asks for that.</summary>
    public int? Dropped { get; set; }

    /// <summary>Samples whose prompt lost its beginning: they are longer than the Backbone's context.</summary>
    public int? PromptsCut { get; set; }

    /// <summary>Samples whose answer lost its end: it alone is longer than the Backbone's context.</summary>
    public int? AnswersCut { get; set; }

    /// <summary>The context in tokens that they were cut for; left out where none was cut. The data are read again once the Backbone's is larger.</summary>
    public int? Context { get; set; }

    /// <summary>How diverse they are.</summary>
    public DiversityStatus? Diversity { get; set; }

    /// <summary>Hash of what was read: the spec's data, or the version of what it refers to. Other inputs are read again.</summary>
    public string? Input { get; set; }
}
