using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>Copies what somebody else keeps in a bucket, such as data or a model's weights: one object, or all below a prefix.</summary>
public static class S3Mirror
{
    // Something that changes again and again while it is read is no data to learn from.
    private const int MostTurns = 3;

    /// <summary>Copies it to a folder of this machine. What was copied before, and not changed since, is not copied again.</summary>
    /// <param name="bucket">The place.</param>
    /// <param name="cache">Folder for copies.</param>
    /// <param name="includes">Which files are wanted, by their path below the place; all when null.</param>
    /// <returns>A file when the place is the key of one object, else a folder.</returns>
    /// <exception cref="S3Exception">It cannot be had.</exception>
    public static string Fetch(S3Bucket bucket, string cache, Func<string, bool>? includes = null)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        ArgumentNullException.ThrowIfNull(cache);
        for (var turn = 1; ; turn++)
        {
            try
            {
                return FetchOnce(bucket, cache, includes);
            }
            catch (FileNotFoundException) when (turn < MostTurns)
            {
                // It has changed since it was listed.
            }
            catch (FileNotFoundException error)
            {
                throw new S3Exception(Reasons.ObjectNotFound, false, $"{bucket.Name} changes while it is read: {error.Message} Leave it alone for a while.", error);
            }
        }
    }

    private static string FetchOnce(S3Bucket bucket, string cache, Func<string, bool>? includes)
    {
        var (entries, single) = bucket.ListWithOwn();
        var wanted = entries
            .Where(entry => !entry.Key.EndsWith('/'))
            .Where(entry => single || (includes?.Invoke(entry.Key) ?? true))
            .ToList();
        if (wanted.Count == 0)
        {
            throw new S3Exception(Reasons.ObjectNotFound, true, $"{bucket.Name}: there is no such object, and nothing to read below it. Put it there, or mend bucket and prefix.");
        }

        if (wanted.Find(entry => !SafePath.IsOne(entry.Key)) is { } odd)
        {
            throw new S3Exception(Reasons.InvalidInput, true, $"{bucket.Name} has an object '{odd.Key}' whose key cannot be the name of a file. Rename it.");
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bucket.Name + "\n" + string.Join('\n', wanted.Select(entry => $"{entry.Key} {entry.Size} {entry.ETag}")))))[..32];
        var target = Path.Combine(cache, "sources", name);

        // So that it has its name in messages.
        var label = single ? wanted[0].Key : bucket.Name[(bucket.Name.LastIndexOf('/') + 1)..];
        using var alone = FileLock.Take(target + ".lock");
        if (!Directory.Exists(target))
        {
            var aside = target + ".incoming";
            var place = single ? aside : Path.Combine(aside, label);
            Directory.CreateDirectory(place);
            foreach (var folder in wanted.Select(entry => Path.GetDirectoryName(Path.Combine(place, entry.Key))!).Distinct())
            {
                Directory.CreateDirectory(folder);
            }

            FetchAll(bucket, wanted, single, place);
            Directory.Move(aside, target);
        }

        return Path.Combine(target, label);
    }

    private static void FetchAll(S3Bucket bucket, List<S3Entry> wanted, bool isSingle, string folder)
    {
        try
        {
            Parallel.ForEach(wanted, new ParallelOptions { MaxDegreeOfParallelism = bucket.Options.Parallel }, entry => bucket.DownloadOwn(entry, isSingle, Path.Combine(folder, entry.Key)));
        }
        catch (AggregateException error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
