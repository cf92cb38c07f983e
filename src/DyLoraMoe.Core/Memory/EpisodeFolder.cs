using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Memory;

/// <summary>
/// The files of a store: one per episode, one per expert that has learnt it as a mark, and a number of uses beside an episode. A file is written aside and
/// renamed, so that whoever reads or is killed meets all of it or none, and replicas that share the folder need no lock.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class EpisodeFolder(string folder)
{
    private const string EpisodeSuffix = ".episode.json";
    private const string PromotionSuffix = ".promoted.json";
    private const string UsesSuffix = ".uses";
    private const string AsideSuffix = ".tmp";
    private const string HeldSuffix = ".held";

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private Dictionary<string, KnownUses> _uses = [];

    /// <summary>Files of the latest reading that are no episode. They are left alone.</summary>
    public int Unreadable { get; private set; }

    public void Write(Episode episode) => Write(PathOf(episode.Id, EpisodeSuffix), episode, EpisodeJson.Default.Episode);

    /// <summary>Puts an episode in the place of what it was made from; false when that is gone or was told anew, by another replica too, until the file was written.</summary>
    public bool Replace(Episode old, Episode now) => AtomicFile.WriteIf(
        PathOf(now.Id, EpisodeSuffix),
        stream => JsonSerializer.Serialize(stream, now, EpisodeJson.Default.Episode),
        () => Find(now.Id) is { } present && (present.Answer, present.Time, present.Recurrence) == (old.Answer, old.Time, old.Recurrence));

    /// <summary>Writes a mark; false when there was one already. Another expert's mark of the same episode is another file.</summary>
    public bool Write(Promotion mark)
    {
        var isNew = !File.Exists(PathOf(mark));
        Write(PathOf(mark), mark, EpisodeJson.Default.Promotion);
        return isNew;
    }

    public void Remove(Promotion mark) => File.Delete(PathOf(mark));

    public void WriteUses(string id, long uses) => AtomicFile.WriteText(PathOf(id, UsesSuffix), uses.ToString(CultureInfo.InvariantCulture));

    /// <summary>Removes an episode with its uses; false when there was none.</summary>
    public bool Remove(string id)
    {
        if (!File.Exists(PathOf(id, EpisodeSuffix)))
        {
            return false;
        }

        File.Delete(PathOf(id, EpisodeSuffix));
        File.Delete(PathOf(id, UsesSuffix));
        return true;
    }

    /// <summary>
    /// Removes an episode with its uses if it still has an answer; false when it was told anew, null when it is gone. It is held aside while it is looked at, so that what
    /// another replica writes meanwhile is not removed.
    /// </summary>
    public bool? RemoveIf(string id, string answer)
    {
        var held = new FileInfo(PathOf(id, $".{Guid.NewGuid():N}{HeldSuffix}"));
        try
        {
            File.Move(PathOf(id, EpisodeSuffix), held.FullName);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        if (Read(held, EpisodeJson.Default.Episode)?.Answer != answer)
        {
            return PutBack(held) ? false : null;
        }

        held.Delete();
        File.Delete(PathOf(id, UsesSuffix));
        return true;
    }

    /// <summary>Puts back what is held aside, unless it was told anew since: by a process that was killed, or by one that then finds it in its place again.</summary>
    public void PutBack()
    {
        foreach (var held in Files(HeldSuffix).Where(file => IsName(file.Name.Split('.')[0])))
        {
            PutBack(held);
        }
    }

    /// <summary>Removes the marks that are meant, and says which they were. Needs no lock: there may be very many, to be read one by one.</summary>
    /// <param name="isMeant">Whether one is.</param>
    /// <param name="id">The only episode that may be; any when null.</param>
    public List<Promotion> RemoveMarks(Func<Promotion, bool> isMeant, string? id = null)
    {
        var meant = Marks(id).Where(each => isMeant(each.Mark)).ToList();
        meant.ForEach(each => each.File.Delete());
        return [.. meant.Select(each => each.Mark)];
    }

    /// <summary>Removes marks, the oldest first, until there are no more than that.</summary>
    public void KeepMarks(int most)
    {
        var files = Files(PromotionSuffix);
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc).Take(files.Length - most))
        {
            file.Delete();
        }
    }

    /// <summary>All episodes with the bytes of their files. Only files that have changed since are read.</summary>
    public List<(Episode Episode, long Bytes)> Episodes()
    {
        var files = Files(EpisodeSuffix).ToDictionary(file => file.Name, StringComparer.Ordinal);
        foreach (var gone in _known.Keys.Where(name => !files.ContainsKey(name)).ToList())
        {
            _known.Remove(gone);
        }

        foreach (var (name, file) in files)
        {
            if (!_known.TryGetValue(name, out var known) || known.Written != file.LastWriteTimeUtc || known.Bytes != file.Length)
            {
                // One under another's name is nobody's: it could not be found again to be changed or removed.
                var episode = Read(file, EpisodeJson.Default.Episode);
                _known[name] = new Known(file.LastWriteTimeUtc, file.Length, episode is not null && IsName(episode.Id) && episode.Id + EpisodeSuffix == name ? episode : null);
            }
        }

        Unreadable = _known.Values.Count(known => known.Episode is null);
        _uses = Files(UsesSuffix).ToDictionary(
            file => file.Name[..^UsesSuffix.Length],
            file => _uses.GetValueOrDefault(file.Name[..^UsesSuffix.Length]) is { } known && known.Written == file.LastWriteTimeUtc ? known : new KnownUses(file.LastWriteTimeUtc, Read(file)),
            StringComparer.Ordinal);
        return [.. _known.Values.Where(known => known.Episode is not null).Select(known => (known.Episode! with { Uses = _uses.GetValueOrDefault(known.Episode!.Id)?.Uses ?? 0 }, known.Bytes))];
    }

    /// <summary>All marks. Needs no lock.</summary>
    public List<Promotion> Promotions() => [.. Marks(null).Select(each => each.Mark)];

    /// <summary>The episode as the disk has it now; null when it is gone.</summary>
    public Episode? Find(string id) => Read(new FileInfo(PathOf(id, EpisodeSuffix)), EpisodeJson.Default.Episode);

    /// <summary>When the folder changed last; null when there is none.</summary>
    public DateTime? Changed() => new DirectoryInfo(folder) is { Exists: true } found ? found.LastWriteTimeUtc : null;

    /// <summary>Removes what a killed writer has left aside, and uses of episodes that are gone.</summary>
    /// <param name="before">Only what was written before.</param>
    public void Sweep(DateTime before)
    {
        foreach (var file in Files(AsideSuffix).Where(file => file.LastWriteTimeUtc < before))
        {
            file.Delete();
        }

        foreach (var file in Files(UsesSuffix).Where(file => IsName(file.Name[..^UsesSuffix.Length]) && !File.Exists(PathOf(file.Name[..^UsesSuffix.Length], EpisodeSuffix))))
        {
            file.Delete();
        }
    }

    // False when somebody else has done it.
    private bool PutBack(FileInfo held)
    {
        var path = PathOf(held.Name.Split('.')[0], EpisodeSuffix);
        try
        {
            File.Move(held.FullName, path, overwrite: false);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException) when (File.Exists(path))
        {
            held.Delete();
            return true;
        }
    }

    // Those of earlier versions, one for an episode whatever expert had learnt it, have another name and say the same.
    private IEnumerable<(FileInfo File, Promotion Mark)> Marks(string? id) =>
        (id is null ? Files(PromotionSuffix) : IsName(id) ? Files(PromotionSuffix, id) : []).Select(file => (File: file, Mark: Read(file, EpisodeJson.Default.Promotion)!)).Where(each => each.Mark is not null);

    private void Write<T>(string path, T value, JsonTypeInfo<T> type)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, type));
    }

    private static string HashOf(string expert) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(expert)))[..16];

    private static long Read(FileInfo uses)
    {
        try
        {
            return long.TryParse(File.ReadAllText(uses.FullName), CultureInfo.InvariantCulture, out var count) ? count : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static T? Read<T>(FileInfo file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var stream = file.OpenRead();
            return JsonSerializer.Deserialize(stream, type);
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            // Gone since it was listed, or not ours.
            return null;
        }
    }

    // A listing has names alone. Here each file is looked at, once: one that another replica has removed since is none, and the others stay as they were seen.
    private FileInfo[] Files(string suffix, string id = "") => new DirectoryInfo(folder) is { Exists: true } found ? [.. found.EnumerateFiles($"{id}*{suffix}").Where(file => file.Exists)] : [];

    private static bool IsName(string id) => id.Length > 0 && id.All(char.IsAsciiHexDigit);

    private string PathOf(Promotion mark) => PathOf(mark.Id, $".{HashOf(mark.Expert)}{PromotionSuffix}");

    private string PathOf(string id, string suffix) => IsName(id)
        ? Path.Combine(folder, id + suffix)
        : throw new ArgumentException($"'{id}' names no episode; names are hexadecimal digits.", nameof(id));

    private sealed record Known(DateTime Written, long Bytes, Episode? Episode);

    private sealed record KnownUses(DateTime Written, long Uses);
}
