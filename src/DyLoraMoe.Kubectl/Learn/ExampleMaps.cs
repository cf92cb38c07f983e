using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Kubectl.Cluster;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>The ConfigMaps that the examples of a Skill go through. Each is named by what it holds, so that other examples are another spec, and one that is taught from never changes.</summary>
internal static class ExampleMaps
{
    private const int Digits = 10;

    /// <summary>The name of the one that holds a text under a key.</summary>
    public static string NameOf(string skill, string key, string text) => $"{skill}-examples-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{text}")))[..Digits]}";

    /// <summary>What says whose examples they are.</summary>
    public static JsonObject LabelsOf(string skill) => new() { [Labels.Skill] = skill, [Labels.ManagedBy] = FieldManagers.Plugin };

    /// <summary>Deletes those of a Skill that it does not name any more. One that cannot be deleted is said, and goes when the Skill goes.</summary>
    /// <param name="cluster">Where they are.</param>
    /// <param name="skill">The Skill.</param>
    /// <param name="kept">The names of those that stay.</param>
    /// <param name="error">Where it is said.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task TidyAsync(ClusterClient cluster, string skill, IReadOnlyCollection<string?> kept, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            foreach (var map in await cluster.ExampleMapsAsync(skill, cancellation).ConfigureAwait(false))
            {
                if (!kept.Contains(map.Metadata.Name) && IsOurs(map))
                {
                    await cluster.DeleteConfigMapAsync(map.Metadata.Name, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested && ClusterErrors.Translate(failed) is { } said)
        {
            error.WriteLine($"Examples of before stay until the Skill {skill} goes: {said.Message}");
        }
    }

    // Those that were printed by a dry run belong to whoever applied them.
    private static bool IsOurs(V1ConfigMap map) => map.Metadata.ManagedFields?.Any(entry => entry.Manager == FieldManagers.Plugin) == true;
}
