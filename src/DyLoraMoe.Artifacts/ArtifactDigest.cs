using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Artifacts;

/// <summary>
/// The name of a folder by its content: SHA-256 over the relative path, length and SHA-256 of every file, in the order of the
/// paths. Neither times nor permissions count, so a copy has the digest of its original.
/// </summary>
public static class ArtifactDigest
{
    /// <summary>What every digest begins with.</summary>
    public const string Prefix = "sha256:";

    /// <summary>The digest of a folder, as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="includes">Which files count, by relative path; all when null.</param>
    public static string OfFolder(string folder, Func<string, bool>? includes = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("dylora artifact 1\0"u8);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .Where(file => includes?.Invoke(file.Name) ?? true)
            .OrderBy(file => file.Name, StringComparer.Ordinal);
        foreach (var (path, name) in files)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{stream.Length}\0{Convert.ToHexStringLower(SHA256.HashData(stream))}\n"));
        }

        return Prefix + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The hexadecimal digits of a digest, which are safe as a file name.</summary>
    /// <param name="digest">A digest.</param>
    /// <exception cref="ArtifactException">It is not one.</exception>
    public static string Hex(string digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        var hex = digest.StartsWith(Prefix, StringComparison.Ordinal) ? digest[Prefix.Length..] : digest;
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : throw new ArtifactException($"'{digest}' is not a digest; expected {Prefix} and 64 hexadecimal digits.");
    }
}
