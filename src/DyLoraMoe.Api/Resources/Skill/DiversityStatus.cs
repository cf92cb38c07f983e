using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How diverse the samples are that are learnt from.</summary>
public sealed record DiversityStatus
{
    /// <summary>Share of them, in percent, that nearly repeat another.</summary>
    public int NearDuplicatesPercent { get; set; }

    /// <summary>Different triples of tokens, in percent of all.</summary>
    public int DistinctTriplesPercent { get; set; }

    /// <summary>How many different prompts they effectively are to the backbone, of the 256 or fewer that are looked at.</summary>
    public string Coverage { get; set; } = "";

    /// <summary>What is low, and what to do; nothing when nothing is.</summary>
    [Items(0, 4)]
    public IList<string>? Warnings { get; set; }
}
