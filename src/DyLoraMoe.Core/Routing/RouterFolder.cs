using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// A router on disk. <c>router.safetensors</c> holds the numbers and, in its header, everything else, so that one rename publishes all
/// of it; <c>router.json</c> is a copy of the latter for people and other programs.
/// </summary>
internal static class RouterFolder
{
    private const string TensorFile = "router.safetensors";
    private const string TextFile = "router.json";
    private const string HeaderKey = "router";
    private const string DigestKey = "digest";
    private const int Version = 1;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static void Save(string folder, DynamicHybridRouter router)
    {
        Directory.CreateDirectory(folder);
        var text = TextOf(router);
        SafetensorsWriter.Write(Path.Combine(folder, TensorFile), Named(router.Tensors), new Dictionary<string, string>
        {
            [HeaderKey] = text,
            [DigestKey] = router.Digest,
        });
        AtomicFile.WriteText(Path.Combine(folder, TextFile), text + "\n");
    }

    public static DynamicHybridRouter Load(string folder, RouterIdentity? identity)
    {
        var path = Path.Combine(folder, TensorFile);
        if (!File.Exists(path))
        {
            throw new ModelFormatException($"{path} does not exist; fit a router first");
        }

        using var file = SafetensorsFile.Open(path);
        var document = Parse(path, file.Metadata);
        if (identity is not null)
        {
            RefuseForeign(path, document, identity);
        }

        var router = Build(path, file, document);
        if (router.Digest != file.Metadata.GetValueOrDefault(DigestKey))
        {
            router.Dispose();
            throw new ModelFormatException($"{path} is damaged: its content does not have the digest that it states; fit the router again");
        }

        return router;
    }

    public static string DigestOf(DynamicHybridRouter router)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(TextOf(router)));
        foreach (var (name, values) in Named(router.Tensors))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\0{name}[{string.Join(',', values.shape)}]\0"));
            hash.AppendData(values.bytes);
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string TextOf(DynamicHybridRouter router) => JsonSerializer.Serialize(
        new Document(Version, router.Identity.Features, router.Identity.Backbone, router.Options.Temperature, router.Options.TopK, router.Experts), _json);

    private static IEnumerable<KeyValuePair<string, Tensor>> Named(RouterTensors tensors) =>
    [
        KeyValuePair.Create("bias", tensors.Bias),
        KeyValuePair.Create("gate", tensors.Gate),
        KeyValuePair.Create("mean", tensors.Mean),
        KeyValuePair.Create("scale", tensors.Scale),
    ];

    private static Document Parse(string path, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(HeaderKey, out var text))
        {
            throw new ModelFormatException($"{path} is not a router: its header has no '{HeaderKey}'");
        }

        try
        {
            var document = JsonSerializer.Deserialize<Document>(text, _json);
            return document is { Version: Version, Features: not null, Backbone: not null, Experts: not null }
                ? document
                : throw new ModelFormatException($"{path} is a router of format {document?.Version}, expected {Version}; fit it again");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException($"{path} is not a router: {error.Message}", error);
        }
    }

    private static void RefuseForeign(string path, Document document, RouterIdentity identity)
    {
        if (document.Backbone != identity.Backbone)
        {
            throw new RouterMismatchException($"{path} was fitted on backbone {document.Backbone}, this one is {identity.Backbone}; fit a router for it.");
        }

        if (document.Features != identity.Features)
        {
            throw new RouterMismatchException($"{path} was fitted on features {document.Features}, these are {identity.Features}; use the same feature options or fit the router again.");
        }
    }

    private static DynamicHybridRouter Build(string path, SafetensorsFile file, Document document)
    {
        using var scope = NewDisposeScope();
        var tensors = new RouterTensors(Read("gate"), Read("bias"), Read("mean"), Read("scale"));
        try
        {
            return new DynamicHybridRouter(
                new RouterIdentity(document.Features, document.Backbone),
                new RouterOptions { Temperature = document.Temperature, TopK = document.TopK },
                document.Experts,
                tensors.Copy());
        }
        catch (Exception error) when (error is ArgumentException or System.ComponentModel.DataAnnotations.ValidationException)
        {
            throw new ModelFormatException($"{path}: {error.Message}", error);
        }

        Tensor Read(string name) => file.Read(name, ScalarType.Float32, CPU);
    }

    private sealed record Document(int Version, string Features, string Backbone, double Temperature, int TopK, IReadOnlyList<RoutedExpert> Experts);
}
