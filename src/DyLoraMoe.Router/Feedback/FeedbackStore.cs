using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Feedback;

/// <summary>
/// Verdicts on answers, one JSON object a line, in files named by when they were begun and by who writes them: replicas may share the folder, but never
/// a file. A file is begun anew when it is an eighth of what may be kept or
/// of how long, so that whole files can go: the oldest as soon as there is too much, and each once all of it is too old.
/// </summary>
/// <param name="options">Where, how many, how long.</param>
/// <param name="time">The clock.</param>
internal sealed class FeedbackStore(FeedbackOptions options, TimeProvider time)
{
    private const int Parts = 8;
    private const int MostOfOne = 64 << 10;
    private const string Prefix = "feedback-";
    private const string Suffix = ".jsonl";
    private const string Stamp = "yyyyMMdd'T'HHmmssfff'Z'";

    // Letters beyond ASCII stay what they are: as escapes they would take three times the room.
    private static readonly WireJson _json = new(new JsonSerializerOptions(WireJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly string _own = $"-{RandomNumberGenerator.GetHexString(8, lowercase: true)}{Suffix}";
    private readonly Lock _lock = new();
    private readonly long _most = Math.Min(options.MaxBytes / Parts, MostOfOne);

    /// <summary>Keeps a verdict.</summary>
    /// <param name="record">The verdict.</param>
    /// <exception cref="ArgumentException">It is larger than one may be, or so large that all others would have to go for a few like it.</exception>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Add(FeedbackRecord record)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(record, _json.FeedbackRecord), (byte)'\n'];
        if (line.Length > _most)
        {
            throw new ArgumentException($"The verdict has {line.Length} bytes; at most {_most} are kept of one. Send less of the texts.", nameof(record));
        }

        lock (_lock)
        {
            Directory.CreateDirectory(options.Folder);
            var now = time.GetUtcNow();
            var files = Kept(now, line.Length);
            var newest = files.FindLast(file => file.Name.EndsWith(_own, StringComparison.Ordinal));
            var goesOn = newest is not null && newest.Length + line.Length <= options.MaxBytes / Parts && now - BegunAt(newest) < options.Retention / Parts;
            var path = goesOn ? newest!.FullName : Path.Combine(options.Folder, Prefix + now.ToString(Stamp, CultureInfo.InvariantCulture) + _own);
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            stream.Write(line);
        }
    }

    /// <summary>Removes what is too old.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            if (Directory.Exists(options.Folder))
            {
                Kept(time.GetUtcNow(), room: 0);
            }
        }
    }

    private List<FileInfo> Kept(DateTimeOffset now, int room)
    {
        // A file is begun before its first verdict and closed an eighth of the time later, so none of it is younger than that.
        var oldest = now - options.Retention + (options.Retention / Parts);
        // A listing has names alone; each file is looked at here, once, since another replica may remove it at any time.
        var files = new DirectoryInfo(options.Folder).GetFiles(Prefix + "*-????????" + Suffix).Where(file => file.Exists).OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        while (files.Count > 0 && (BegunAt(files[0]) <= oldest || files.Sum(file => file.Length) + room > options.MaxBytes))
        {
            files[0].Delete();
            files.RemoveAt(0);
        }

        return files;
    }

    private DateTimeOffset BegunAt(FileInfo file) => DateTimeOffset.TryParseExact(
        file.Name[Prefix.Length..^_own.Length], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var begun)
        ? begun
        : new DateTimeOffset(file.LastWriteTimeUtc);
}
