using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Telemetry;
using k8s;

namespace DyLoraMoe.Operator.Skills;

/// <summary>The expert that covers the data, that learns them too, or a new one within the growth budget.</summary>
internal sealed class ChooseExpert(ICluster cluster, OperatorMetrics metrics) : IPhase<SkillScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    // Two skills that count the experts at the same time would both find room for the last one.
    private static readonly ConcurrentDictionary<ObjectKey, SemaphoreSlim> _growing = new();

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        switch (scope.Novelty!.Decision)
        {
            case NoveltyDecisions.InsufficientData:
                return Outcome.Stop(Reasons.InsufficientData, scope.Novelty.Message ?? "Too few samples to decide on.");
            case NoveltyDecisions.Extends when IsFull(scope):
                if (scope.Skill.Spec.Novelty.Mode == SkillNovelty.Extend)
                {
                    return Outcome.Stop(Reasons.ExpertFull, $"LoraExpert {scope.Expert} has {Bounds.Skills} skills, as many as one may have: name another, or leave the choice to the operator.");
                }

                scope.Novelty = scope.Novelty with { Decision = NoveltyDecisions.Novel, Message = $"Most like expert {scope.Expert}, which has as many skills as one may have." };
                return await GrowAsync(scope, cancellationToken);
            case NoveltyDecisions.Covered or NoveltyDecisions.Extends:
                if (scope.Novelty.Decision == NoveltyDecisions.Covered && scope.Skill.Status.ExpertRef is null)
                {
                    CountSavings(scope);
                }

                await SyncOwnAsync(scope, cancellationToken);
                return Outcome.Continue;
            default:
                return await GrowAsync(scope, cancellationToken);
        }
    }

    /// <summary>
    /// Whether an expert has no room for a skill that it has not learnt. Counted by what the skills themselves say; those that came too late at the same time
    /// find that out by their next visit.
    /// </summary>
    public static bool IsFull(LoraExpert expert, string skill, IEnumerable<Skill> skills) =>
        expert.Spec.SkillRef?.Name != skill
        && expert.Status.TrainedOn?.Any(each => each.Skill == skill) != true
        && skills.Count(each => each.Status.ExpertRef?.Name == expert.Metadata.Name && each.Metadata.Name != skill && each.Status.Novelty?.Decision is NoveltyDecisions.Novel or NoveltyDecisions.Extends) >= Bounds.Skills;

    private bool IsFull(SkillScope scope) =>
        scope.Expert is { } name && cluster.Find<LoraExpert>(scope.Namespace, name) is { } expert && IsFull(expert, scope.Name, cluster.List<Skill>(scope.Namespace));

    private async Task<Outcome> GrowAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        if (await SyncOwnAsync(scope, cancellationToken) is { } own)
        {
            scope.Expert = own.Metadata.Name;
            return Outcome.Continue;
        }

        scope.Expert = null;
        if (scope.Skill.Spec.Suspend || scope.Backbone.Spec.Suspend)
        {
            return Outcome.WaitFor(Reasons.Suspended, "Work is suspended by the spec.", _patience);
        }

        var gate = _growing.GetOrAdd(ObjectKey.Of(scope.Backbone), _ => new(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var (experts, most) = (ExpertsOf(scope).Count(), scope.Backbone.Spec.MaxExperts);
            if (experts >= most)
            {
                return Outcome.WaitFor(Reasons.GrowthBudgetSpent, $"Backbone {scope.Backbone.Metadata.Name} has {experts} experts and may have {most}: raise maxExperts, or delete a skill.", _patience);
            }

            var name = cluster.Find<LoraExpert>(scope.Namespace, scope.Name) is null ? scope.Name : OtherName(scope);
            var expert = await cluster.GetOrCreateAsync(Wanted(scope, name), cancellationToken);
            if (expert.Spec.SkillRef?.Name != scope.Name || expert.Metadata.DeletionTimestamp is not null)
            {
                return Outcome.WaitFor(Reasons.Pending, $"LoraExpert {name} of an earlier skill has to go first.", TimeSpan.FromSeconds(5));
            }

            scope.Expert = name;
            return Outcome.Continue;
        }
        finally
        {
            gate.Release();
        }
    }

    // An expert that was made for this skill follows what the skill says about its training.
    private async Task<LoraExpert?> SyncOwnAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        var own = ExpertsOf(scope).FirstOrDefault(expert => expert.Spec.SkillRef?.Name == scope.Name);
        if (own is null)
        {
            return null;
        }

        var spec = scope.Skill.Spec;
        if (own.Spec.Recipe != spec.Training.Recipe || own.Spec.DeletionPolicy != spec.DeletionPolicy || own.Spec.Suspend != spec.Suspend)
        {
            var recipe = JsonNode.Parse(KubernetesJson.Serialize(spec.Training.Recipe))!.AsObject();
            foreach (var (name, _) in JsonNode.Parse(KubernetesJson.Serialize(own.Spec.Recipe))!.AsObject().Where(pair => !recipe.ContainsKey(pair.Key)).ToList())
            {
                recipe[name] = null;
            }

            own = await cluster.MergeAsync(
                own,
                new JsonObject { ["spec"] = new JsonObject { ["recipe"] = recipe, ["deletionPolicy"] = spec.DeletionPolicy, ["suspend"] = spec.Suspend } },
                cancellationToken);
        }

        return own;
    }

    private IEnumerable<LoraExpert> ExpertsOf(SkillScope scope) =>
        cluster.List<LoraExpert>(scope.Namespace).Where(expert => expert.Spec.BackboneRef.Name == scope.Backbone.Metadata.Name && expert.Metadata.DeletionTimestamp is null);

    private static string OtherName(SkillScope scope)
    {
        var hash = Hash.Of(scope.Namespace, scope.Name, "expert");
        var room = Bounds.NameLength - 7;
        return $"{(scope.Name.Length <= room ? scope.Name : scope.Name[..room].TrimEnd('-'))}-{hash[..6]}";
    }

    private static LoraExpert Wanted(SkillScope scope, string name)
    {
        var (spec, lora) = (scope.Skill.Spec, scope.Skill.Spec.Training.Lora);
        var labels = CommonLabels.Of(scope.Backbone.Metadata.Name, "expert");
        labels[Labels.Skill] = scope.Name;
        return new()
        {
            Metadata = new() { Name = name, NamespaceProperty = scope.Namespace, Labels = labels },
            Spec = new()
            {
                BackboneRef = new() { Name = scope.Backbone.Metadata.Name },
                SkillRef = new() { Name = scope.Name },
                Rank = lora.Rank,
                LargestRank = lora.LargestRank,
                Alpha = lora.Alpha,
                TargetModules = lora.TargetModules,
                Mode = lora.Mode,
                Recipe = spec.Training.Recipe,
                DeletionPolicy = spec.DeletionPolicy,
                Suspend = spec.Suspend,
            },
        };
    }

    private void CountSavings(SkillScope scope)
    {
        var cost = GpuCost.Parse(scope.Expert is { } name ? cluster.Find<LoraExpert>(scope.Namespace, name)?.Note(OwnNotes.GpuSeconds) : null);
        if (cost.Seconds > 0)
        {
            metrics.RecordGpuSaved(ObjectKey.Of(scope.Backbone), cost.Seconds);
        }
    }
}
