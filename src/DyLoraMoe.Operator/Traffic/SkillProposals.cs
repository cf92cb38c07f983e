using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>
/// Makes a suspended Skill of a group of prompts that are like no known skill, where a Backbone's policy asks for it. A person writes the answers and
/// resumes it, or deletes it. What is proposed already, and what a person deleted while this process ran, is not proposed again.
/// </summary>
internal sealed class SkillProposals(ICluster cluster, RouterPages pages)
{
    // As many earlier proposals a router compares with.
    private const int Remembered = 256;

    // Within what a Skill may hold inline.
    private const int MostBytes = 256 << 10;

    private readonly Dictionary<ObjectKey, HashSet<string>> _proposed = [];

    /// <summary>Asks the routers once. Where a Skill cannot be made, its Backbone is told, and the others go on.</summary>
    public async Task ProposeAsync(CancellationToken cancellationToken)
    {
        var pods = RouterPages.Serving(cluster).ToLookup(RouterPages.BackboneOf);
        foreach (var backbone in cluster.ListAll<Backbone>().Where(backbone => backbone.Spec.Novelty.Proposals is not null && backbone.Metadata.DeletionTimestamp is null))
        {
            foreach (var pod in pods[ObjectKey.Of(backbone)].OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal))
            {
                if (!await TryProposeAsync(backbone, pod, cancellationToken))
                {
                    break;
                }
            }
        }
    }

    private async Task<bool> TryProposeAsync(Backbone backbone, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await ProposeAsync(backbone, pod, cancellationToken);
            return true;
        }
        catch (ClusterException error)
        {
            // Such as a quota or a policy: it is tried again in the next round.
            await cluster.RecordAsync(new(backbone, IsWarning: true, Reasons.FailedCreate, $"A kind of prompts that is like no known skill cannot be proposed: {error.Message}"), cancellationToken);
            return false;
        }
    }

    private async Task ProposeAsync(Backbone backbone, V1Pod pod, CancellationToken cancellationToken)
    {
        var policy = backbone.Spec.Novelty.Proposals!;
        var earlier = cluster.List<Skill>(backbone.Metadata.NamespaceProperty).Where(skill => skill.Spec.BackboneRef.Name == backbone.Metadata.Name && skill.Note(Annotations.Proposal) is not null).ToList();
        var room = policy.MaxPending - earlier.Count(skill => skill.Spec.Suspend);
        if (room <= 0)
        {
            return;
        }

        var known = _proposed.TryGetValue(ObjectKey.Of(backbone), out var found) ? found : _proposed[ObjectKey.Of(backbone)] = new(StringComparer.Ordinal);
        known.UnionWith(earlier.Select(skill => skill.Note(Annotations.Proposal)!));
        var question = new JsonObject { ["proposed"] = new JsonArray([.. known.TakeLast(Remembered).Select(centroid => JsonValue.Create(centroid))]) };
        if (await pages.AskAsync(pod, "v1/novelty", question, cancellationToken) is not { } answer)
        {
            return;
        }

        foreach (var proposal in RouterProposal.Parse(answer).Take(room))
        {
            var skill = await cluster.GetOrCreateAsync(SkillOf(backbone, proposal, policy.MaxPrompts), cancellationToken);
            known.Add(proposal.Centroid);
            await cluster.RecordAsync(
                new(backbone, IsWarning: false, Reasons.SkillProposed, $"{proposal.Count} prompts are alike and like no known skill{(proposal.NearestSkill is { } nearest ? $", {nearest} being nearest" : "")}: Skill {skill.Metadata.Name} shows them, suspended. Write their answers and resume it, or delete it."),
                cancellationToken);
        }
    }

    private static Skill SkillOf(Backbone backbone, RouterProposal proposal, int mostPrompts) => new()
    {
        Metadata = new()
        {
            Name = ChildNames.Proposal(backbone.Metadata.Name, proposal.Centroid),
            NamespaceProperty = backbone.Metadata.NamespaceProperty,
            Labels = CommonLabels.Of(backbone.Metadata.Name, "proposal"),
            Annotations = new Dictionary<string, string> { [Annotations.Proposal] = proposal.Centroid },
        },
        Spec = new()
        {
            BackboneRef = new() { Name = backbone.Metadata.Name },
            Suspend = true,
            Data = new() { Format = DataFormats.JsonLines, Inline = Lines(proposal.Samples.Take(mostPrompts)) },
        },
    };

    private static string Lines(IEnumerable<string> lines)
    {
        var room = MostBytes;
        return string.Join('\n', lines.TakeWhile(line => (room -= Encoding.UTF8.GetByteCount(line) + 1) >= 0));
    }
}
