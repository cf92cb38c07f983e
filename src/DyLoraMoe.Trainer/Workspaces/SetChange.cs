using DyLoraMoe.Core.Lifecycle;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>How the next set differs from the state: an expert that is new or changed, experts that leave, skills that change hands.</summary>
internal sealed record SetChange
{
    /// <summary>Nothing changes: the router is fitted again.</summary>
    public static SetChange None { get; } = new();

    /// <summary>The skill that was learnt; null for none.</summary>
    public string? Skill { get; init; }

    /// <summary>What it was learnt from, be it new to the skill or not; null for nothing.</summary>
    public SkillData? Data { get; init; }

    /// <summary>Whether that takes the place of all data that the skill has.</summary>
    public bool Replaces { get; init; }

    /// <summary>The expert that is new or changed; null for none.</summary>
    public SetExpert? Expert { get; init; }

    /// <summary>New evidence about that expert, without its routing.</summary>
    public MaturityEvidence? Evidence { get; init; }

    /// <summary>Maturity so far and evidence of experts of which the state does not say; by name.</summary>
    public IReadOnlyDictionary<string, KnownMaturity> Known { get; init; } = new Dictionary<string, KnownMaturity>();

    /// <summary>Experts that leave the set.</summary>
    public IReadOnlySet<string> Leaving { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Archived experts that come back.</summary>
    public IReadOnlySet<string> Returning { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Skills that get another expert.</summary>
    public IReadOnlyDictionary<string, string> Moved { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a skill loses its data: nothing is fitted to them or held against them any more.</summary>
    /// <param name="skill">The skill.</param>
    public bool IsReplaced(string skill) => Replaces && skill == Skill;

    /// <summary>The experts of the next set by name, in an order that depends on names alone.</summary>
    public IReadOnlyDictionary<string, SetExpert> Experts(WorkspaceState state)
    {
        var experts = new SortedDictionary<string, SetExpert>(StringComparer.Ordinal);
        foreach (var (name, entry) in state.Experts)
        {
            if ((!entry.IsArchived || Returning.Contains(name)) && !Leaving.Contains(name))
            {
                experts[name] = new SetExpert(name, entry.Digest, entry.Mode, entry.Rank, entry.Maturity.Degree);
            }
        }

        if (Expert is { } changed)
        {
            experts[changed.Name] = changed;
        }

        return experts;
    }

    /// <summary>Which expert every skill belongs to in the next set; skills whose expert left belong to none.</summary>
    public IReadOnlyDictionary<string, string> Owners(WorkspaceState state)
    {
        var experts = Experts(state);
        var owners = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, entry) in state.Skills)
        {
            if (entry is { Status: SkillStatus.Ready, Expert: { } expert })
            {
                owners[name] = Moved.GetValueOrDefault(name, expert);
            }
        }

        if (Skill is { } learnt && Expert is { } owner)
        {
            owners[learnt] = owner.Name;
        }

        return new SortedDictionary<string, string>(owners.Where(pair => experts.ContainsKey(pair.Value)).ToDictionary(), StringComparer.Ordinal);
    }

    /// <summary>An expert's maturity with what is known about it after this change.</summary>
    public MaturityState Maturity(WorkspaceState state, string expert, double? routedShare, MaturityPolicy policy)
    {
        if (Known.TryGetValue(expert, out var known))
        {
            return known.Update(policy, routedShare);
        }

        var before = state.Experts.GetValueOrDefault(expert)?.Maturity;
        var evidence = Expert?.Name == expert && Evidence is { } fresh ? fresh : before!.Evidence;
        return new KnownMaturity(before, evidence).Update(policy, routedShare ?? evidence.RoutedShare);
    }
}

/// <summary>What is known of an expert's maturity.</summary>
/// <param name="Before">Its maturity so far; null for a new expert.</param>
/// <param name="Evidence">The evidence, without its routing; null where nothing was measured.</param>
internal sealed record KnownMaturity(MaturityState? Before, MaturityEvidence? Evidence)
{
    private static readonly MaturityEvidence _nothing = new() { BackboneLoss = 0, ExpertLoss = 0, SamplesSeen = 0 };

    /// <summary>The maturity with a routed share taken into account, and with the evidence where that is new.</summary>
    public MaturityState Update(MaturityPolicy policy, double? routedShare)
    {
        if (Evidence is null)
        {
            // An expert that no data are known for gets no prompt that does not name it, so it must not keep the others from becoming sparse.
            return policy.Update(null, _nothing) with { Degree = 1 };
        }

        var before = Before is { } state && !policy.IsKnown(state, _nothing) ? state : null;
        return before is not null && policy.IsKnown(before, Evidence) ? policy.Reroute(before, routedShare) : policy.Update(before, Evidence with { RoutedShare = routedShare });
    }
}
