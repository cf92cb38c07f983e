using System.Security.Cryptography;
using System.Text.Json;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The files of a library. A file with descriptions is complete before <c>library.json</c> names it with its digest, and both are
/// replaced in one step, so a kill at any moment leaves the library as it was before or after a change.
/// </summary>
internal sealed class LibraryFolder(string folder)
{
    public const string AnchorName = "anchors";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string Remedy => $"restore it, or remove the folder {folder} to have all skills described again";

    private string StatePath => Path.Combine(folder, "library.json");

    public bool Exists => File.Exists(StatePath);

    public LibraryState ReadState()
    {
        try
        {
            using var stream = File.OpenRead(StatePath);
            var state = JsonSerializer.Deserialize<LibraryState>(stream, _json) ?? throw new JsonException("it is empty");
            return state.Format == LibraryState.CurrentFormat
                ? state
                : throw new SkillLibraryException(StatePath, $"its format is {state.Format}, expected {LibraryState.CurrentFormat}; use the version of dylora that wrote it");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SkillLibraryException(StatePath, "there is no such file; make the library first", error);
        }
        catch (JsonException error)
        {
            throw new SkillLibraryException(StatePath, $"it is damaged ({error.Message}): {Remedy}", error);
        }
    }

    public void WriteState(LibraryState state)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(StatePath, JsonSerializer.Serialize(state, _json));
    }

    /// <summary>Writes descriptions and returns the digest of the file.</summary>
    public string Write(string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        Directory.CreateDirectory(Path.Combine(folder, "features"));
        SafetensorsWriter.Write(PathOf(name), tensors);
        return DigestOf(PathOf(name));
    }

    public string WriteAnchors(Tensor features) => Write(AnchorName, new Dictionary<string, Tensor> { ["features"] = features });

    public Tensor ReadAnchors(string digest)
    {
        using var file = Open(AnchorName, digest);
        return file.Read("features");
    }

    /// <summary>Opens descriptions after checking every byte of them.</summary>
    public SafetensorsFile Open(string name, string digest)
    {
        var path = PathOf(name);
        try
        {
            var found = DigestOf(path);
            return found == digest
                ? SafetensorsFile.Open(path)
                : throw new SkillLibraryException(path, $"its SHA-256 is {found}, expected {digest}; it is damaged: {Remedy}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SkillLibraryException(path, $"there is no such file, though the library names it: {Remedy}", error);
        }
        catch (SafetensorsException error)
        {
            throw new SkillLibraryException(path, $"it is no library file ({error.Message}): {Remedy}", error);
        }
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public string PathOf(string name)
    {
        var plain = name[(name.LastIndexOf(':') + 1)..];
        return plain.Length > 0 && plain.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            ? Path.Combine(folder, "features", plain + ".safetensors")
            : throw new ArgumentException($"'{name}' is no digest, expected letters and digits.", nameof(name));
    }

    private static string DigestOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
