using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Serving;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>Applies the manifests that the sandbox was started with: definitions first, so that their objects can follow.</summary>
internal static class Manifests
{
    /// <summary>Applies all files; a folder stands for the YAML and JSON files in it.</summary>
    public static async Task ApplyAsync(Cluster cluster, IReadOnlyList<string> paths, HttpClient client, CancellationToken cancellation)
    {
        List<JsonObject> items = [.. paths.SelectMany(Files).SelectMany(file => YamlText.Parse(File.ReadAllText(file))).OfType<JsonObject>()];
        foreach (JsonObject item in items.OrderBy(item => item.Text("kind") switch { "CustomResourceDefinition" => 0, "Namespace" => 1, _ => 2 }))
        {
            await ApplyAsync(cluster, item, client, cancellation).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> Files(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".yaml" or ".yml" or ".json").Order(StringComparer.Ordinal)
        : [path];

    private static async Task ApplyAsync(Cluster cluster, JsonObject item, HttpClient client, CancellationToken cancellation)
    {
        string apiVersion = item.Text("apiVersion") ?? "", kindName = item.Text("kind") ?? "", name = item.Text("metadata", "name") ?? "";
        ResourceKind kind = cluster.Catalog.FindByKind(apiVersion, kindName)
            ?? throw new InvalidDataException($"expected manifests of kinds that are known, found {kindName} in {apiVersion}");
        string space = kind.Namespaced ? $"namespaces/{item.Text("metadata", "namespace") ?? "default"}/" : "";
        string path = $"{(kind.Group.Length == 0 ? "api" : "apis/" + kind.Group)}/{kind.Version}/{space}{kind.Plural}/{name}?fieldManager=dylora-sandbox&force=true";
        using ByteArrayContent content = new(JsonText.Bytes(item));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
        using HttpResponseMessage response = await client.PatchAsync(new Uri(path, UriKind.Relative), content, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            JsonNode? status = JsonText.Parse(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
            throw new InvalidDataException($"cannot apply {kindName} {name}: {status.Text("message")}");
        }
    }
}
