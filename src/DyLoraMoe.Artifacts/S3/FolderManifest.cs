using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>The files of a folder in a bucket. The folder is there exactly when this is: one object, written last and removed first.</summary>
internal sealed record FolderManifest
{
    private const string CurrentFormat = "dylora.dev/folder-v1";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public string Format { get; init; } = CurrentFormat;

    /// <summary>The files, in the order of their paths.</summary>
    public required IReadOnlyList<FolderFile> Files { get; init; }

    /// <summary>What whoever lists folders wants to know of them.</summary>
    public string? About { get; init; }

    /// <summary>Lists a folder on disk.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="byContent">Whether files are named by their content in the bucket, since another folder of the same name may differ.</param>
    /// <param name="includes">Which files count, by relative path; all when null.</param>
    public static FolderManifest Of(string folder, bool byContent, Func<string, bool>? includes = null)
    {
        var files = new List<FolderFile>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (includes?.Invoke(name) ?? true)
            {
                var digest = Digest(path);
                files.Add(new FolderFile(name, new FileInfo(path).Length, digest, byContent ? digest : null));
            }
        }

        return new FolderManifest { Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)] };
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="ArtifactException">It is none.</exception>
    public static FolderManifest Read(byte[] content, string name)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<FolderManifest>(content, _json);
            return manifest is { Format: CurrentFormat, Files: not null } && manifest.Files.All(file => file is { Path: not null, Sha256.Length: 64, Size: >= 0 } && SafePath.IsOne(file.Path) && SafePath.IsOne(file.Name))
                ? manifest
                : throw new ArtifactException($"{name} is damaged: it is no list of files of format {CurrentFormat}. Remove it and publish it again.");
        }
        catch (JsonException error)
        {
            throw new ArtifactException($"{name} is damaged: {error.Message} Remove it and publish it again.", error);
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, _json);

    public static string Digest(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>A file of a folder.</summary>
/// <param name="Path">Where it lies in the folder.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its digest, in hexadecimal digits.</param>
/// <param name="Key">Its name in the bucket, below the folder's; <paramref name="Path"/> when null.</param>
internal sealed record FolderFile(string Path, long Size, string Sha256, string? Key)
{
    /// <summary>Its name in the bucket.</summary>
    [JsonIgnore]
    public string Name => Key ?? Path;
}
