using System.Text;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Memory;

/// <summary>
/// The routers on one memory. Each keeps a small file there that names the set that it serves, written anew every few seconds and removed when it ends, so that
/// nothing leaves the memory that another one still answers with. A file's age is counted from one's own, just written to the same file system: clocks differ.
/// </summary>
internal sealed partial class MemoryReplicas(EpisodeStoreOptions place, SetState state, TimeProvider time, ILogger<MemoryReplicas> log) : BackgroundService
{
    private const string Suffix = ".replica";
    private static readonly TimeSpan _untilServed = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestSilence = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly string _name = Guid.NewGuid().ToString("N") + Suffix;
    private bool _isFailing;

    /// <summary>Whether all routers on the memory serve a set, as this one does; not so where that cannot be told.</summary>
    /// <param name="revision">The set that this one serves.</param>
    public bool Agree(string revision) => Others(revision)?.TrueForAll(other => other.Revision == revision) == true;

    /// <summary>Whether they agree, and this is the one of them that does what one of them has to do.</summary>
    /// <param name="revision">The set that this one serves.</param>
    public bool Leads(string revision) => Others(revision)?.TrueForAll(other => other.Revision == revision && string.CompareOrdinal(_name, other.Name) < 0) == true;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _untilServed;
            if (state.Current is { } served)
            {
                Others(served.Set.Revision);
                pause = _between;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        try
        {
            File.Delete(PathOf(_name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogFailed(error.Message);
        }
    }

    // Those that live, with what they serve; null when the folder does not let itself be written or read.
    private List<(string Name, string Revision)>? Others(string revision)
    {
        lock (_lock)
        {
            try
            {
                var now = Tell(revision);
                var others = Directory.GetFiles(place.Folder, "*" + Suffix).Select(file => Path.GetFileName(file)).Where(name => name != _name);
                List<(string, string)> living = [.. others.Select(name => (Name: name, Revision: Told(name, now))).Where(other => other.Revision is not null).Select(other => (other.Name, other.Revision!))];
                _isFailing = false;
                return living;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (!_isFailing)
                {
                    LogFailed(error.Message);
                }

                _isFailing = true;
                return null;
            }
        }
    }

    // In place: a new name in the folder would have every store look at all of it again.
    private DateTime Tell(string revision)
    {
        Directory.CreateDirectory(place.Folder);
        using var file = new FileStream(PathOf(_name), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(Encoding.UTF8.GetBytes(revision));
        file.Flush(flushToDisk: true);
        return File.GetLastWriteTimeUtc(file.SafeFileHandle);
    }

    // Null for one that has ended. One that was killed leaves its file, which goes here; should it only have been slow, it writes another.
    private string? Told(string name, DateTime now)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            if (now - File.GetLastWriteTimeUtc(((FileStream)reader.BaseStream).SafeFileHandle) <= _longestSilence)
            {
                return reader.ReadToEnd();
            }

            File.Delete(PathOf(name));
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string name) => Path.Combine(place.Folder, name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The other routers on the memory cannot be told of this one, or seen; what experts have learnt stays in the memory until they can: {Reason}")]
    private partial void LogFailed(string reason);
}
