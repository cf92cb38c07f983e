using DyLoraMoe.Api;
using DyLoraMoe.Kubectl.Output;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>A revision that is kept.</summary>
/// <param name="Backbone">Name of its backbone.</param>
/// <param name="Revision">Its digest.</param>
/// <param name="ConfigMap">The ConfigMap that holds it.</param>
/// <param name="Set">What serves together.</param>
/// <param name="Created">When it was accepted.</param>
/// <param name="GivenUp">Why it was given up while it was rolled out; null when it was not.</param>
internal sealed record StoredSet(string Backbone, string Revision, string ConfigMap, SetRevision Set, DateTime? Created, string? GivenUp)
{
    /// <summary>Its experts in words.</summary>
    public string Experts => Set.Experts.Count == 0 ? "the bare backbone" : string.Join(", ", Set.Experts.Select(expert => $"{expert.Name} v{expert.Version}"));

    /// <summary>The weights that it is on, in words.</summary>
    public string Weights => Set.Backbone.Artifact is null ? "the source's weights" : $"grown weights {Figures.Short(Set.Backbone.Digest)}";

    /// <summary>Reads one; null when the ConfigMap holds no set that this version understands.</summary>
    public static StoredSet? Read(V1ConfigMap map)
    {
        try
        {
            var set = map.Data is not null && map.Data.TryGetValue(SetRevision.FileName, out var text) ? ContractJson.Read<SetRevision>(text) : null;
            return set is null ? null : new(
                map.Metadata.Labels?.TryGetValue(Labels.Backbone, out var backbone) == true ? backbone : set.Backbone.Name,
                map.Metadata.Annotations?.TryGetValue(Annotations.Revision, out var revision) == true ? revision : set.ComputeRevision(),
                map.Metadata.Name,
                set,
                map.Metadata.CreationTimestamp,
                map.Metadata.Annotations?.TryGetValue(Annotations.GivenUp, out var reason) == true ? reason : null);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
