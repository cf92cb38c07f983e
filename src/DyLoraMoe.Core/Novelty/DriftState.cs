namespace DyLoraMoe.Core.Novelty;

/// <summary>Where a drift monitor stands.</summary>
public sealed record DriftState
{
    /// <summary>The running sum.</summary>
    public double Sum { get; init; }

    /// <summary>Requests seen.</summary>
    public long Requests { get; init; }

    /// <summary>Flags raised.</summary>
    public long Flags { get; init; }

    /// <summary>Recent requests that may be new, oldest first.</summary>
    public IReadOnlyList<NovelRequest> Recent { get; init; } = [];
}

/// <summary>A request that may belong to a new skill.</summary>
/// <param name="Id">The caller's name for it.</param>
/// <param name="PValue">Its p-value.</param>
/// <param name="Vector">Its projected features, K numbers.</param>
public sealed record NovelRequest(string Id, double PValue, IReadOnlyList<float> Vector);

/// <summary>Requests that are like each other and unlike every known skill.</summary>
/// <param name="Members">The requests' ids, oldest first.</param>
/// <param name="Centroid">Mean of their projected features, K numbers.</param>
/// <param name="NearestSkill">The known skill that is nearest; null when none is known.</param>
/// <param name="Distance">Whitened distance of the centroid to it.</param>
/// <param name="Cohesion">Mean distance of known prompts to their skill's mean over that of the members to the centroid: 1 when they are as alike as a known skill's prompts, smaller when looser.</param>
public sealed record ProposedSkill(IReadOnlyList<string> Members, IReadOnlyList<float> Centroid, string? NearestSkill, double Distance, double Cohesion)
{
    /// <summary>How many requests.</summary>
    public int Count => Members.Count;
}
