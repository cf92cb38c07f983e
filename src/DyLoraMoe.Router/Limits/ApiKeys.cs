using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Router.Limits;

/// <summary>
/// The keys that may ask, from a file such as a mounted Secret: one a line, a name before it if there is one. Read again every few seconds,
/// so that keys are rotated without a restart; a Secret's file is a link whose own time never changes. A file that can be read and holds no key means
/// that nobody may ask any more; one that cannot be read means nothing, and the keys stay. Only their hashes stay in memory.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told when the file cannot be read, and when it can again.</param>
internal sealed partial class ApiKeys(string path, TimeProvider time, ILogger<ApiKeys> log)
{
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile List<(string Name, byte[] Hash)> _keys = [];
    private long? _looked;
    private bool _isUnreadable;

    /// <summary>How many keys may ask.</summary>
    public int Count => Current().Count;

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

    /// <summary>Reads the file for the first time.</summary>
    /// <exception cref="InvalidDataException">There is no key in it: whoever starts a server that nobody may ask has made a mistake.</exception>
    public void Begin()
    {
        _keys = Read();
        if (_keys.Count == 0)
        {
            throw new InvalidDataException($"{path} holds no key; write one a line.");
        }
    }

    private List<(string Name, byte[] Hash)> Read() =>
    [
        .. File.ReadLines(path)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var name, var key]
                ? (name, SHA256.HashData(Encoding.UTF8.GetBytes(key)))
                : Unnamed(SHA256.HashData(Encoding.UTF8.GetBytes(line)))),
    ];

    // Named by itself and not by its line: what is remembered under the name must not become another's when lines move.
    private static (string Name, byte[] Hash) Unnamed(byte[] hash) => ($"key {Convert.ToHexStringLower(hash)[..16]}", hash);

    private List<(string Name, byte[] Hash)> Current()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_looked is null || time.GetElapsedTime(_looked.Value, now) >= _betweenLooks)
            {
                _looked = now;
                Look();
            }

            return _keys;
        }
    }

    private void Look()
    {
        try
        {
            var before = _keys.Count;
            _keys = Read();
            if (_isUnreadable)
            {
                LogReadable(path, _keys.Count);
            }
            else if (_keys.Count == 0 && before > 0)
            {
                LogNone(path);
            }

            _isUnreadable = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // In the middle of a change, or the volume is gone: the keys that were read stay good until the next look.
            if (!_isUnreadable)
            {
                LogUnreadable(error, path, _keys.Count);
            }

            _isUnreadable = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be read; the {Keys} API keys that were read before stay good until it can")]
    private partial void LogUnreadable(Exception error, string path, int keys);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} can be read again: {Keys} API keys")]
    private partial void LogReadable(string path, int keys);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} holds no API key any more; nobody may ask")]
    private partial void LogNone(string path);
}
