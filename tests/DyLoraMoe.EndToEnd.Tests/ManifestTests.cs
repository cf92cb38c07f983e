using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing.Resources;
using k8s.Autorest;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>The table of manifests that the rules in C# and the definitions are held to, put before the API server.</summary>
public sealed class ManifestTests
{
    [Fact]
    public async Task The_API_server_accepts_and_refuses_what_the_table_says()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var place = await TestNamespace.CreateAsync(cluster);
        var wrong = new List<string>();
        foreach (var (manifest, index) in ManifestTable.Cases.Select((manifest, index) => (manifest, index)))
        {
            var refusal = await TryAsync(place, manifest, index);
            if (manifest.Refused is null ? refusal is not null : refusal is null || !Blames(refusal, manifest.Refused))
            {
                wrong.Add($"{manifest.Name}: expected {manifest.Refused ?? "no refusal"}, found {refusal ?? "none"}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // A rule blames the object that it stands on, and its message begins with the field.
    private static bool Blames(string refusal, string field)
    {
        var dots = Enumerable.Range(0, field.Length).Where(at => field[at] == '.');
        return refusal.Contains(field, StringComparison.Ordinal)
            || dots.Any(at => refusal.Contains($"{field[..at]}: ", StringComparison.Ordinal) && refusal.Contains($": {field[(at + 1)..]} ", StringComparison.Ordinal));
    }

    // The server's message when it refuses the object, or the change where the row has one.
    private static async Task<string?> TryAsync(TestNamespace place, ManifestCase row, int index)
    {
        var resource = place.Resource($"{row.Kind.ToLowerInvariant()}s");
        try
        {
            var manifest = row.Manifest.DeepClone().AsObject();
            if (row.Update is null)
            {
                await resource.CreateAsync(manifest, dryRun: true);
                return null;
            }

            var created = await resource.CreateAsync(Named(manifest), dryRun: false);
            var update = Named(row.Update.DeepClone().AsObject());
            update["metadata"]!["resourceVersion"] = created["metadata"]!["resourceVersion"]!.DeepClone();
            await resource.ReplaceAsync(update);
            return null;
        }
        catch (HttpOperationException error)
        {
            return error.Response.Content;
        }

        JsonObject Named(JsonObject item)
        {
            item["metadata"]!["name"] = $"row-{index}";
            return item;
        }
    }
}
