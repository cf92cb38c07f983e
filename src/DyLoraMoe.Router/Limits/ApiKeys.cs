using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Router.Limits;

/// <summary>
/// The keys that may ask, from a file such as a mounted Secret: one a line, a name before it if there is one. Read again every few seconds,
/// so that keys are rotated without a restart; a Secret's file is a link whose own time never changes. Only their hashes stay in memory.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
internal sealed class ApiKeys(string path, TimeProvider time)
{
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IReadOnlyList<(string Name, byte[] Hash)> _keys = [];
    private long? _looked;

    /// <summary>Whose key it is; null when it is nobody's.</summary>
    public string? NameOf(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? name = null;
        foreach (var (known, expected) in Current())
        {
            // All are compared, so that the time tells nothing.
            name = CryptographicOperations.FixedTimeEquals(hash, expected) ? known : name;
        }

        return name;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">There is no key in it.</exception>
    public void Read()
    {
        var keys = File.ReadLines(path)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var name, var key]
                ? (name, SHA256.HashData(Encoding.UTF8.GetBytes(key)))
                : Unnamed(SHA256.HashData(Encoding.UTF8.GetBytes(line))))
            .ToList();
        _keys = keys.Count > 0 ? keys : throw new InvalidDataException($"{path} holds no key; write one a line.");
    }

    // Named by itself and not by its line: what is remembered under the name must not become another's when lines move.
    private static (string Name, byte[] Hash) Unnamed(byte[] hash) => ($"key {Convert.ToHexStringLower(hash)[..16]}", hash);

    private IReadOnlyList<(string Name, byte[] Hash)> Current()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_looked is null || time.GetElapsedTime(_looked.Value, now) >= _betweenLooks)
            {
                _looked = now;
                try
                {
                    Read();
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
                {
                    // In the middle of a change: the keys that were read stay good until the next look.
                }
            }

            return _keys;
        }
    }
}
