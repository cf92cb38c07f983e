using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Digests that names are made from: equal inputs give equal names, so a retry finds what an earlier try made.</summary>
internal static class Hash
{
    /// <summary>Hexadecimal digits of a hash that become part of a name.</summary>
    public const int NameDigits = 10;

    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A name of at most 63 characters, or fewer, that ends in the first digits of a hash.</summary>
    public static string Name(string stem, string hash, int most = 63)
    {
        var room = most - 1 - NameDigits;
        return $"{(stem.Length <= room ? stem : stem[..room].TrimEnd('-', '.'))}-{hash[..NameDigits]}";
    }
}
