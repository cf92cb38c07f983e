using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Experts;
using k8s.Models;

namespace DyLoraMoe.Operator.Sets;

/// <summary>A set that was accepted, as its ConfigMap holds it.</summary>
/// <param name="Revision">Its digest.</param>
/// <param name="Set">The set.</param>
/// <param name="Facts">What is known of it.</param>
/// <param name="Map">The ConfigMap.</param>
internal sealed record KnownSet(string Revision, SetRevision Set, SetFacts Facts, V1ConfigMap Map)
{
    /// <summary>The member of a name; null when there is none.</summary>
    public SetMember? Find(string expert) => Set.Experts.FirstOrDefault(member => member.Name == expert);

    /// <summary>A member as requests know it, with the maturity that it had when the set was made.</summary>
    public ExpertInput InputOf(SetMember member) => new()
    {
        Name = member.Name,
        Digest = member.Digest,
        Version = member.Version,
        Mode = member.Mode,
        Rank = member.Rank,
        MaturityPercent = Facts.Maturity.GetValueOrDefault(member.Name)?.Percent ?? 0,
    };

    /// <summary>Whether it is on a backbone, or on one that has grown from that.</summary>
    public bool DescendsFrom(string backbone) => Set.Backbone.Digest == backbone || Facts.GrownFrom.Contains(backbone);

    /// <summary>Whether it serves what an expert has learnt of a skill.</summary>
    public bool Serves(string expert, string skill, DatasetStatus dataset) => Find(expert) is not null && Lesson.Knows(Facts.Learned.GetValueOrDefault(expert), skill, dataset);
}
