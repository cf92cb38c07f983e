using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using DyLoraMoe.Operator.Sets;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// Who is to be visited because another object changed. Only a change that a visit would answer to wakes anybody, so that a thousand skills do not
/// wake each other.
/// </summary>
internal sealed class Waker(ICluster cluster, JobSlots slots, Action<string, ObjectKey> wake)
{
    /// <summary>Listens to every kind whose changes concern somebody.</summary>
    /// <param name="stores">What is known of each kind.</param>
    public void Follow(IObjectStores stores)
    {
        stores.Store<Skill>().Changed += Changed;
        stores.Store<LoraExpert>().Changed += Changed;
        stores.Store<Backbone>().Changed += Changed;
        stores.Store<Consolidation>().Changed += Changed;
        stores.Store<Growth>().Changed += Changed;
        stores.Store<V1Job>().Changed += Changed;
        stores.Store<V1Pod>().Changed += Changed;
        stores.Store<V1ConfigMap>().Changed += Changed;
        stores.Store<V1PersistentVolumeClaim>().Changed += Changed;
        stores.Store<V1Deployment>().Changed += ChildChanged;
        stores.Store<V1Service>().Changed += ChildChanged;
        stores.Store<V1PodDisruptionBudget>().Changed += ChildEdited;
        stores.Store<V2HorizontalPodAutoscaler>().Changed += ChildEdited;
        stores.Store<V1ServiceAccount>().Changed += ChildEdited;
        stores.Store<V1Role>().Changed += ChildEdited;
        stores.Store<V1RoleBinding>().Changed += ChildEdited;
    }

    /// <summary>A Skill changed.</summary>
    public void Changed(Skill? old, Skill? now)
    {
        var skill = now ?? old!;

        // A Skill whose data are judged lets its copy of them go. Its Job's change wakes it for that as well, but that may have come before the judgement was written.
        if (old is not null && now is not null && (old.Note(Annotations.RetryAt) != now.Note(Annotations.RetryAt) || old.Status.Dataset?.Input != now.Status.Dataset?.Input))
        {
            Wake(Skill.KindName, now, now.Metadata.Name);
        }

        var isNews = old is null || now is null || LessonOf(old) != LessonOf(now) || IsLeaving(old) != IsLeaving(now);
        if (!isNews)
        {
            return;
        }

        foreach (var expert in new[] { old?.Status.ExpertRef?.Name, now?.Status.ExpertRef?.Name }.OfType<string>().Distinct())
        {
            Wake(LoraExpert.KindName, skill, expert);
        }

        if (old is null)
        {
            // They wait for it.
            foreach (var expert in cluster.List<LoraExpert>(skill.Metadata.NamespaceProperty).Where(expert => expert.Spec.SkillRef?.Name == skill.Metadata.Name))
            {
                Wake(LoraExpert.KindName, skill, expert.Metadata.Name);
            }
        }

        if (now is null || IsLeaving(now))
        {
            WakeWaiting(skill.Metadata.NamespaceProperty, skill.Spec.BackboneRef.Name);
            Wake(Backbone.KindName, skill, skill.Spec.BackboneRef.Name);
        }
    }

    /// <summary>A LoraExpert changed.</summary>
    public void Changed(LoraExpert? old, LoraExpert? now)
    {
        var expert = now ?? old!;
        if (now is not null && old is not null && (old.Note(Annotations.RetryAt) != now.Note(Annotations.RetryAt) || old.Status.Progress?.Phase != now.Status.Progress?.Phase))
        {
            Wake(LoraExpert.KindName, expert, expert.Metadata.Name);
        }

        var isOther = old is null || now is null || IsLeaving(old) != IsLeaving(now) || old.Status.Artifact?.Digest != now.Status.Artifact?.Digest;
        if (isOther || old!.Status.Stage != now!.Status.Stage)
        {
            Wake(Backbone.KindName, expert, expert.Spec.BackboneRef.Name);
        }

        if (isOther)
        {
            foreach (var night in NightsOf(expert.Metadata.NamespaceProperty, expert.Spec.BackboneRef.Name).Where(night => night.Status.Run is { CompletionTime: null } run && run.Experts.Any(each => each.Name == expert.Metadata.Name)))
            {
                Wake(Consolidation.KindName, expert, night.Metadata.Name);
            }
        }

        if (old is not null && now is not null && ViewOf(old) == ViewOf(now) && IsLeaving(old) == IsLeaving(now))
        {
            return;
        }

        foreach (var skill in SkillsNear(expert))
        {
            var waitsForIt = old is null && skill.Spec.Novelty.ExpertRef?.Name == expert.Metadata.Name;
            if (waitsForIt || skill.Status.ExpertRef?.Name == expert.Metadata.Name || skill.Metadata.Name == expert.Spec.SkillRef?.Name)
            {
                Wake(Skill.KindName, skill, skill.Metadata.Name);
            }
            else if (now is null && skill.Status.Conditions.Find(ConditionTypes.Ready)?.Reason == Reasons.GrowthBudgetSpent)
            {
                // There is room for one more.
                Wake(Skill.KindName, skill, skill.Metadata.Name);
            }
        }
    }

    /// <summary>A Consolidation changed: what it offers concerns the next set.</summary>
    public void Changed(Consolidation? old, Consolidation? now)
    {
        var night = now ?? old!;
        if (old is not null && now is not null && old.Note(Annotations.RetryAt) != now.Note(Annotations.RetryAt))
        {
            Wake(Consolidation.KindName, night, night.Metadata.Name);
        }

        if (!OffersOf(old).SequenceEqual(OffersOf(now)))
        {
            Wake(Backbone.KindName, night, night.Spec.BackboneRef.Name);
        }
    }

    /// <summary>A Growth changed: what it offers concerns the next set, and another may wait for it to end.</summary>
    public void Changed(Growth? old, Growth? now)
    {
        var growth = now ?? old!;
        if (old is not null && now is not null && old.Note(Annotations.RetryAt) != now.Note(Annotations.RetryAt))
        {
            Wake(Growth.KindName, growth, growth.Metadata.Name);
        }

        if (OfferOf(old) != OfferOf(now))
        {
            Wake(Backbone.KindName, growth, growth.Spec.BackboneRef.Name);
        }

        if (old is null || now is null || IsLeaving(old) != IsLeaving(now) || old.Spec.Suspend != now.Spec.Suspend || ReadinessOf(old) != ReadinessOf(now))
        {
            foreach (var other in GrowthsOf(growth.Metadata.NamespaceProperty, growth.Spec.BackboneRef.Name).Where(other => other.Metadata.Name != growth.Metadata.Name))
            {
                Wake(Growth.KindName, other, other.Metadata.Name);
            }
        }
    }

    /// <summary>A Backbone changed.</summary>
    public void Changed(Backbone? old, Backbone? now)
    {
        if (now is null || old is null)
        {
            WakeAll(now ?? old!);
            return;
        }

        // Who takes the active revision away wants it to begin anew.
        var (served, serves) = (old.Status.ActiveRevision, now.Status.ActiveRevision);
        if (old.Note(Annotations.RetryAt) != now.Note(Annotations.RetryAt) || (served is not null && serves is null))
        {
            Wake(Backbone.KindName, now, now.Metadata.Name);
        }

        var wasLost = served != serves && SetStore.LossOf(old, cluster.ActiveSet(old)) is not null;
        if (wasLost || old.Metadata.Generation != now.Metadata.Generation || old.Status.Digest != now.Status.Digest || IsLeaving(old) != IsLeaving(now))
        {
            WakeAll(now);
        }
        else if (served != serves || old.Status.PendingRevision != now.Status.PendingRevision)
        {
            WakeMoved(old, now);
        }
        else if (old.Status.Serving != now.Status.Serving && now.Status.Conditions.IsTrue(ConditionTypes.RolledOut))
        {
            foreach (var expert in ExpertsOf(now))
            {
                Wake(LoraExpert.KindName, now, expert.Metadata.Name);
            }
        }

        List<string> refusals = [.. Names(old.Status.Refused).Union(Names(now.Status.Refused)).Except(Names(old.Status.Refused).Intersect(Names(now.Status.Refused)))];
        foreach (var expert in refusals)
        {
            Wake(LoraExpert.KindName, now, expert[..expert.IndexOf('@', StringComparison.Ordinal)]);
        }

        if (refusals.Count > 0 || served != serves)
        {
            WakeNights(now);
        }

        if (served != serves || VerdictOf(old) != VerdictOf(now))
        {
            WakeGrowths(now);
        }
    }

    /// <summary>A Job changed.</summary>
    public void Changed(V1Job? old, V1Job? now)
    {
        var job = now ?? old!;
        WakeOwner(job);
        if (job.Tag(Labels.Backbone) is { } backbone && (now is null || (!JobReading.TakesSlot(now) && (old is null || JobReading.TakesSlot(old)))))
        {
            WakeWaiting(job.Metadata.NamespaceProperty, backbone);
        }
    }

    /// <summary>A pod changed; those of routers concern nobody, since their Deployment tells of them.</summary>
    public void Changed(V1Pod? old, V1Pod? now)
    {
        var pod = now ?? old!;
        if (pod.Tag("job-name") is { } job && cluster.Find<V1Job>(pod.Metadata.NamespaceProperty, job) is { } owner)
        {
            WakeOwner(owner);
        }
    }

    /// <summary>A ConfigMap changed: one of the operator's own, one that a skill's data come from, or one that a place in a bucket takes its certificates from.</summary>
    public void Changed(V1ConfigMap? old, V1ConfigMap? now)
    {
        var map = now ?? old!;
        if (CommonLabels.AreOn(map))
        {
            // What the operator writes there it knows; that one is gone it may not, nor that the set that is served is back.
            if (now is null)
            {
                WakeOwner(map);
            }
            else if (old is null && ServedFrom(map) is { } serving)
            {
                Wake(Backbone.KindName, map, serving.Metadata.Name);
                WakeAll(serving);
            }

            return;
        }

        var (ns, name) = (map.Metadata.NamespaceProperty, map.Metadata.Name);
        foreach (var skill in SkillsNear(map).Where(skill => skill.Spec.Data.ConfigMapRef?.Name == name || Buckets.Trusts(name, skill.Spec.Data.S3)))
        {
            Wake(Skill.KindName, skill, skill.Metadata.Name);
        }

        foreach (var expert in cluster.List<LoraExpert>(ns).Where(expert => Buckets.Trusts(name, expert.Spec.Source?.S3)))
        {
            Wake(LoraExpert.KindName, map, expert.Metadata.Name);
        }

        foreach (var backbone in cluster.List<Backbone>(ns).Where(backbone => Buckets.Trusts(name, backbone.Spec.Store.S3, backbone.Spec.Source.S3)))
        {
            Wake(Backbone.KindName, map, backbone.Metadata.Name);
        }
    }

    /// <summary>A volume came: whoever names it may have waited for it.</summary>
    public void Changed(V1PersistentVolumeClaim? old, V1PersistentVolumeClaim? now)
    {
        if (old is not null || now is null)
        {
            return;
        }

        var (ns, name) = (now.Metadata.NamespaceProperty, now.Metadata.Name);
        foreach (var backbone in cluster.List<Backbone>(ns).Where(each => each.Status.Digest is null && (each.Spec.Store.PersistentVolumeClaim?.ClaimName == name || each.Spec.Source.PersistentVolumeClaim?.ClaimName == name)))
        {
            Wake(Backbone.KindName, now, backbone.Metadata.Name);
        }

        foreach (var skill in SkillsNear(now).Where(each => each.Spec.Data.PersistentVolumeClaim?.ClaimName == name && !each.Status.Conditions.IsTrue(ConditionTypes.Ready)))
        {
            Wake(Skill.KindName, now, skill.Metadata.Name);
        }

        foreach (var expert in cluster.List<LoraExpert>(ns).Where(each => each.Spec.Source?.PersistentVolumeClaim?.ClaimName == name && each.Status.Artifact is null))
        {
            Wake(LoraExpert.KindName, now, expert.Metadata.Name);
        }
    }

    /// <summary>Another child of a Backbone changed.</summary>
    public void ChildChanged(IKubernetesObject<V1ObjectMeta>? old, IKubernetesObject<V1ObjectMeta>? now) => WakeOwner(now ?? old!);

    /// <summary>A child of a Backbone whose status tells nothing: it is gone, or somebody edited it.</summary>
    public void ChildEdited(IKubernetesObject<V1ObjectMeta>? old, IKubernetesObject<V1ObjectMeta>? now)
    {
        if (old is not null && (now is null || Children.ContentOf(old) != Children.ContentOf(now)))
        {
            WakeOwner(old);
        }
    }

    private static string? LessonOf(Skill skill) => $"{skill.Status.Dataset?.Digest} {skill.Status.Dataset?.Context} {skill.Status.Novelty?.Decision} {skill.Status.ExpertRef?.Name} {RequestParts.HeldOutPercentOf(skill)}";

    private static string ViewOf(LoraExpert expert)
    {
        var ready = expert.Status.Conditions.Find(ConditionTypes.Ready);
        return $"{ready?.Status} {ready?.Reason} {ready?.Message} {expert.Status.Artifact?.Digest} {expert.Status.AdmittedDigest}";
    }

    private static IEnumerable<string> OffersOf(Consolidation? night) => night?.Status.Run is { CompletionTime: null } run
        ? run.Experts.Where(expert => expert.Stage == NightStages.Offered).Select(expert => $"{expert.Name}@{expert.Artifact?.Digest}")
        : [];

    private static string OfferOf(Growth? growth) => growth is null || IsLeaving(growth) || growth.Spec.Suspend || growth.Status.AdoptionTime is not null
        ? ""
        : $"{growth.Status.Terms} {growth.Status.Backbone?.Artifact} {string.Join(' ', (growth.Status.Experts ?? []).Select(expert => expert.Artifact?.Digest))}";

    private static string? ReadinessOf(Growth growth) => growth.Status.Conditions.Find(ConditionTypes.Ready)?.Status;

    private static string VerdictOf(Backbone backbone)
    {
        var (verdict, router) = (backbone.Status.Conditions.Find(ConditionTypes.RegressionChecked), backbone.Status.Conditions.Find(ConditionTypes.RouterFitted));
        return $"{verdict?.Status} {verdict?.Reason} {verdict?.Message} {router?.Status} {router?.Reason}";
    }

    // The Backbone that serves what a ConfigMap holds; null where none does.
    private Backbone? ServedFrom(V1ConfigMap map) =>
        cluster.Find<Backbone>(map.Metadata.NamespaceProperty, map.Tag(Labels.Backbone)!) is { Status.ActiveRevision: { } revision } backbone && map.Metadata.Name == ChildNames.Set(backbone.Metadata.Name, revision)
            ? backbone
            : null;

    private static bool IsLeaving(IKubernetesObject<V1ObjectMeta> found) => found.Metadata.DeletionTimestamp is not null;

    private static IEnumerable<string> Names(IList<Refusal>? refusals) => (refusals ?? []).Select(refusal => $"{refusal.Expert}@{refusal.Digest}@{refusal.Reason}");

    private void WakeOwner(IKubernetesObject<V1ObjectMeta> child)
    {
        foreach (var owner in child.Metadata.OwnerReferences ?? [])
        {
            if (owner.Kind is Skill.KindName or LoraExpert.KindName or Backbone.KindName or Consolidation.KindName or Growth.KindName)
            {
                Wake(owner.Kind, child, owner.Name);
            }
        }
    }

    private void WakeWaiting(string ns, string backbone)
    {
        foreach (var subject in slots.Waiting(new(ns, backbone)).Take(4))
        {
            var parts = subject.Split('/', 2);
            wake(parts[0], new(ns, parts[1]));
        }
    }

    // Only those whose place in the set is another now, and those that wait for one; before it is trained an expert has no use for a set.
    private void WakeMoved(Backbone old, Backbone now)
    {
        var (before, after) = (cluster.ActiveSet(old), cluster.ActiveSet(now));
        var waiting = SkillsNear(now).Where(skill => !skill.Status.Conditions.IsTrue(ConditionTypes.Ready)).ToLookup(skill => skill.Status.ExpertRef?.Name);
        foreach (var expert in ExpertsOf(now))
        {
            var name = expert.Metadata.Name;
            var isSame = before?.Find(name) == after?.Find(name) && Equals(before?.Facts.Maturity.GetValueOrDefault(name), after?.Facts.Maturity.GetValueOrDefault(name));
            if (isSame && !IsLeaving(expert) && (expert.Status.Artifact is null || expert.Status.Conditions.IsTrue(ConditionTypes.Ready)))
            {
                continue;
            }

            Wake(LoraExpert.KindName, expert, name);
            foreach (var skill in waiting[name])
            {
                Wake(Skill.KindName, skill, skill.Metadata.Name);
            }
        }
    }

    private void WakeAll(Backbone backbone)
    {
        foreach (var skill in SkillsNear(backbone).Where(skill => skill.Spec.BackboneRef.Name == backbone.Metadata.Name))
        {
            Wake(Skill.KindName, skill, skill.Metadata.Name);
        }

        foreach (var expert in ExpertsOf(backbone))
        {
            Wake(LoraExpert.KindName, expert, expert.Metadata.Name);
        }

        WakeNights(backbone);
        WakeGrowths(backbone);
    }

    private void WakeGrowths(Backbone backbone)
    {
        foreach (var growth in GrowthsOf(backbone.Metadata.NamespaceProperty, backbone.Metadata.Name))
        {
            Wake(Growth.KindName, growth, growth.Metadata.Name);
        }
    }

    private void WakeNights(Backbone backbone)
    {
        foreach (var night in NightsOf(backbone.Metadata.NamespaceProperty, backbone.Metadata.Name))
        {
            Wake(Consolidation.KindName, night, night.Metadata.Name);
        }
    }

    private IEnumerable<Consolidation> NightsOf(string ns, string backbone) =>
        cluster.ListAll<Consolidation>().Where(night => night.Metadata.NamespaceProperty == ns && night.Spec.BackboneRef.Name == backbone);

    private IEnumerable<Growth> GrowthsOf(string ns, string backbone) =>
        cluster.ListAll<Growth>().Where(growth => growth.Metadata.NamespaceProperty == ns && growth.Spec.BackboneRef.Name == backbone);

    private IEnumerable<LoraExpert> ExpertsOf(Backbone backbone) =>
        cluster.ListAll<LoraExpert>().Where(expert => expert.Metadata.NamespaceProperty == backbone.Metadata.NamespaceProperty && expert.Spec.BackboneRef.Name == backbone.Metadata.Name);

    private IEnumerable<Skill> SkillsNear(IKubernetesObject<V1ObjectMeta> found) => cluster.ListAll<Skill>().Where(skill => skill.Metadata.NamespaceProperty == found.Metadata.NamespaceProperty);

    private void Wake(string kind, IKubernetesObject<V1ObjectMeta> near, string name) => wake(kind, new(near.Metadata.NamespaceProperty, name));
}
