using System.Text.Json.Nodes;

namespace DyLoraMoe.Testing.Resources;

/// <summary>The table of valid and invalid manifests, which the operator's rules, the CRDs and the API server are all held to.</summary>
public static class ManifestTable
{
    /// <summary>All cases of the table.</summary>
    public static IReadOnlyList<ManifestCase> Cases { get; } = Load();

    /// <summary>Changes a document as a JSON merge patch does: maps are merged, null removes, everything else replaces.</summary>
    /// <param name="target">The document, which stays as it is.</param>
    /// <param name="patch">The patch.</param>
    public static JsonObject Merge(JsonObject target, JsonObject? patch)
    {
        var merged = target.DeepClone().AsObject();
        foreach (var (name, value) in patch ?? [])
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value is JsonObject map ? Merge(merged[name] as JsonObject ?? [], map) : value.DeepClone();
            }
        }

        return merged;
    }

    private static List<ManifestCase> Load()
    {
        var document = YamlJson.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Manifests", "table.yaml"))).Single();
        var bases = document["base"]!.AsObject();
        return [.. document["cases"]!.AsArray().Select(row => Read(bases, row!.AsObject()))];
    }

    private static ManifestCase Read(JsonObject bases, JsonObject row)
    {
        var kind = row["kind"]!.GetValue<string>();
        var manifest = Merge(bases[kind]!.AsObject(), row["given"]?.AsObject());
        return new ManifestCase
        {
            Name = row["name"]!.GetValue<string>(),
            Kind = kind,
            Given = row["given"]?.DeepClone().AsObject() ?? [],
            Manifest = manifest,
            Update = row["then"] is JsonObject then ? Merge(manifest, then) : null,
            Refused = row["refused"]?.GetValue<string>(),
            OnlySchema = row["schema"]?.GetValue<bool>() ?? false,
        };
    }
}
