using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>What a cache leaves out, so that a thousand skills and other people's ConfigMaps cost little memory.</summary>
internal static class Trimming
{
    // Only ever in the cache, never in the cluster.
    private const string Fingerprint = ApiNames.Group + "/cached-fingerprint";

    /// <summary>A ConfigMap without its data, unless it is the operator's own ledger, or a set of its own, which is kept as what it means; what other people's data there were is known by their digest.</summary>
    public static V1ConfigMap ConfigMap(V1ConfigMap map)
    {
        var isOurs = CommonLabels.AreOn(map);
        if (isOurs && map.Data?.ContainsKey(SetRevision.FileName) == true)
        {
            return SetStore.Understood(map);
        }

        if (isOurs && map.Data?.ContainsKey(Backbones.Ledger.FileName) == true)
        {
            return map;
        }

        if (!isOurs)
        {
            map.Metadata.Annotations = new Dictionary<string, string> { [Fingerprint] = FingerprintOf(map) };
        }

        map.Data = null;
        map.BinaryData = null;
        return map;
    }

    /// <summary>Digest of a ConfigMap's data.</summary>
    public static string FingerprintOf(V1ConfigMap map)
    {
        if (map.Metadata.Annotations is { } notes && notes.TryGetValue(Fingerprint, out var known))
        {
            return known;
        }

        var parts = (map.Data ?? new Dictionary<string, string>()).Concat((map.BinaryData ?? new Dictionary<string, byte[]>()).Select(pair => KeyValuePair.Create(pair.Key, Convert.ToBase64String(pair.Value))));
        return Hash.Of([.. parts.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => new[] { pair.Key, pair.Value })]);
    }

    /// <summary>A copy of a Skill without the data in it, which only its own visit needs; the Skill itself when it has none.</summary>
    public static Skill Skill(Skill skill) => skill.Spec.Data.Inline is null ? skill : new()
    {
        Metadata = skill.Metadata,
        Spec = skill.Spec with { Data = skill.Spec.Data with { Inline = null } },
        Status = skill.Status,
    };

    /// <summary>Whether a Skill has its data, or the place of its data, as a valid one has.</summary>
    public static bool IsWhole(Skill skill) => skill.Spec.Data is { Inline: not null } or { ConfigMapRef: not null } or { PersistentVolumeClaim: not null } or { S3: not null };

    /// <summary>A pod without all that nobody here asks for.</summary>
    public static V1Pod Pod(V1Pod pod)
    {
        pod.Spec = null;
        pod.Metadata.Annotations = pod.Note(Annotations.Revision) is { } revision ? new Dictionary<string, string> { [Annotations.Revision] = revision } : null;
        if (pod.Status is { } status)
        {
            pod.Status = new()
            {
                Phase = status.Phase,
                PodIP = status.PodIP,
                Conditions = status.Conditions?.Where(condition => condition.Type is "PodScheduled" or "Ready").ToList(),
                ContainerStatuses = status.ContainerStatuses?.Select(each => new V1ContainerStatus { Name = each.Name, State = each.State, LastState = each.LastState }).ToList(),
            };
        }

        return pod;
    }

    /// <summary>A Job without its pods' template.</summary>
    public static V1Job Job(V1Job job)
    {
        if (job.Spec is not null)
        {
            job.Spec.Template = null;
        }

        return job;
    }

    /// <summary>A claim of which only the name is asked for.</summary>
    public static V1PersistentVolumeClaim Claim(V1PersistentVolumeClaim claim)
    {
        (claim.Spec, claim.Status) = (null, null);
        (claim.Metadata.Annotations, claim.Metadata.Labels) = (null, null);
        return claim;
    }
}
