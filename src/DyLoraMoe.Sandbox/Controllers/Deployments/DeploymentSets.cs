using System.Globalization;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>The ReplicaSets of a Deployment: which is new, which are old, and how a new one looks.</summary>
internal static class DeploymentSets
{
    /// <summary>The set with the Deployment's template; of several (a leftover of a collision) the oldest.</summary>
    public static V1ReplicaSet? Current(V1Deployment deployment, IEnumerable<V1ReplicaSet> sets) =>
        sets.Where(set => PodTemplateHash.Same(set.Spec.Template, deployment.Spec.Template))
            .OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    public static long RevisionOf(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue(DeploymentNames.Revision, out var text) == true
        && long.TryParse(text, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    public static int AnnotatedSize(V1ReplicaSet set, string name, int fallback) =>
        set.Metadata.Annotations?.TryGetValue(name, out var text) == true
        && int.TryParse(text, CultureInfo.InvariantCulture, out var size) ? size : fallback;

    public static V1ReplicaSet New(V1Deployment deployment, long revision, int replicas)
    {
        var hash = PodTemplateHash.Of(deployment.Spec.Template, deployment.Status?.CollisionCount);
        var template = ClusterContext.Copy(deployment.Spec.Template);
        template.Metadata ??= new V1ObjectMeta();
        template.Metadata.Labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [DeploymentNames.PodTemplateHash] = hash,
        };
        var selector = ClusterContext.Copy(deployment.Spec.Selector);
        selector.MatchLabels = new Dictionary<string, string>(selector.MatchLabels ?? new Dictionary<string, string>())
        {
            [DeploymentNames.PodTemplateHash] = hash,
        };
        return new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Name = $"{deployment.Metadata.Name}-{hash}",
                Labels = template.Metadata.Labels,
                Annotations = Annotations(deployment, null, revision),
                OwnerReferences = [Owners.Controller(deployment)],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = replicas,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = selector,
                Template = template,
            },
        };
    }

    /// <summary>The annotations of the current set: those of the Deployment, the revision, and the sizes it was made for.</summary>
    public static Dictionary<string, string> Annotations(V1Deployment deployment, V1ReplicaSet? set, long revision)
    {
        var rolling = RollingUpdate.Of(deployment);
        var annotations = new Dictionary<string, string>(set?.Metadata.Annotations ?? new Dictionary<string, string>());
        foreach (var (key, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (key is not (DeploymentNames.LastApplied or DeploymentNames.Revision or DeploymentNames.RevisionHistory
                or DeploymentNames.DesiredReplicas or DeploymentNames.MaxReplicas))
            {
                annotations[key] = value;
            }
        }

        if (set is not null && RevisionOf(set) is > 0 and var former && former < revision)
        {
            annotations[DeploymentNames.RevisionHistory] =
                annotations.TryGetValue(DeploymentNames.RevisionHistory, out var history) && history.Length > 0 ? $"{history},{former}" : $"{former}";
        }

        annotations[DeploymentNames.Revision] = $"{Math.Max(revision, set is null ? 0 : RevisionOf(set))}";
        annotations[DeploymentNames.DesiredReplicas] = $"{rolling.Replicas}";
        annotations[DeploymentNames.MaxReplicas] = $"{rolling.MaxTotal}";
        return annotations;
    }
}
