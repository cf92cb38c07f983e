using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using S3Location = DyLoraMoe.Api.Jobs.S3Location;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>
/// One place in a bucket. Every call is tried again while that makes sense; keys are told without the place's prefix. Files pass through buffers and are never held whole.
/// </summary>
public sealed class S3Bucket : IDisposable
{
    // What is read whole is a list of files.
    private const int LargestText = 16 << 20;

    private readonly AmazonS3Client _client;
    private readonly S3Location _location;
    private readonly TimeProvider _time;
    private readonly string _prefix;

    private S3Bucket(AmazonS3Client client, S3Location location, S3Options options, TimeProvider time)
    {
        (_client, _location, Options, _time) = (client, location, options, time);
        _prefix = location.Prefix.Length == 0 ? "" : location.Prefix + "/";
    }

    /// <summary>How people know the place.</summary>
    public string Name => _location.Name;

    internal S3Options Options { get; }

    internal TimeProvider Time => _time;

    internal bool HasAnswered { get; private set; }

    /// <summary>Opens a place. Nothing is asked of it yet.</summary>
    /// <param name="location">Where.</param>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="options">How; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="S3Exception">A variable or the file of certificates is missing.</exception>
    public static S3Bucket Open(S3Location location, Func<string, string?> variable, S3Options? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(location);
        ArgumentNullException.ThrowIfNull(variable);
        options ??= new S3Options();
        return new S3Bucket(S3ClientFactory.Create(location, variable, options), location, options, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Everything whose key begins so, in order.</summary>
    internal IReadOnlyList<S3Entry> List(string prefix) => ListAll(prefix, null).Entries;

    /// <summary>What lies right below a folder: objects, and names of folders.</summary>
    internal (IReadOnlyList<S3Entry> Entries, IReadOnlyList<string> Folders) ListFolder(string folder) => ListAll(folder + "/", "/");

    /// <summary>One object; null when it is not there. By a list, since the answer to that says whether it is the bucket that is missing.</summary>
    internal S3Entry? Find(string key)
    {
        var found = Wait(async () => (await _client.ListObjectsV2Async(new() { BucketName = _location.Bucket, Prefix = _prefix + key, MaxKeys = 1 }).ConfigureAwait(false)).S3Objects);
        return found is [var first] && first.Key == _prefix + key ? EntryOf(first) : null;
    }

    /// <summary>A small object's content; null when it is not there.</summary>
    internal byte[]? Read(string key) => Wait(async () =>
    {
        try
        {
            using var silence = new CancellationTokenSource(Options.Silence);
            using var answer = await _client.GetObjectAsync(new() { BucketName = _location.Bucket, Key = _prefix + key }, silence.Token).ConfigureAwait(false);
            if (answer.ContentLength > LargestText)
            {
                throw new ArtifactException($"{Name}/{key} has {answer.ContentLength} bytes, expected a list of files.");
            }

            using var content = new MemoryStream();
            await answer.ResponseStream.CopyToAsync(content, silence.Token).ConfigureAwait(false);
            return content.Length == answer.ContentLength ? content.ToArray() : throw new IOException("The answer was cut.");
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    });

    /// <summary>Writes a small object, in one moment.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="content">Its content.</param>
    /// <param name="mustBeNew">
    /// Whether one that is there stays; stores that do not know of that replace it. A store that finds another write of the same key under way says
    /// <c>ConditionalRequestConflict</c>, and which of the two was first is known when it is asked again.
    /// </param>
    /// <returns>False when one is there and stays.</returns>
    internal bool Put(string key, byte[] content, bool mustBeNew = false) => Wait(async () =>
    {
        try
        {
            using var stream = new MemoryStream(content, writable: false);
            await _client.PutObjectAsync(new()
            {
                BucketName = _location.Bucket,
                Key = _prefix + key,
                InputStream = stream,
                UseChunkEncoding = false,
                IfNoneMatch = mustBeNew ? "*" : null,
            }).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception error) when (mustBeNew && error.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
        catch (AmazonS3Exception error) when (mustBeNew && error.StatusCode == HttpStatusCode.NotImplemented)
        {
            mustBeNew = false;
            throw new IOException("Again, without the condition.", error);
        }
    });

    /// <summary>Writes a file. Nobody sees it before all of it is there; a large one goes in parts, and on from those that are there already.</summary>
    internal void Upload(string key, string file) => new S3Upload(_client, _location.Bucket, _prefix + key, file, this).RunAsync().GetAwaiter().GetResult();

    /// <summary>Fetches an object into a file, on from what of it is there already.</summary>
    /// <exception cref="FileNotFoundException">It is not there, or not as it was listed any more.</exception>
    internal void Download(S3Entry entry, string file) => new S3Download(_client, _location.Bucket, _prefix + entry.Key, entry, file, this).RunAsync().GetAwaiter().GetResult();

    /// <summary>What the place is: the object with its very name, or all below it. Keys are told as below the place.</summary>
    internal (IReadOnlyList<S3Entry> Entries, bool IsSingle) ListWithOwn()
    {
        if (_location.Prefix.Length > 0)
        {
            var found = Wait(async () => (await _client.ListObjectsV2Async(new() { BucketName = _location.Bucket, Prefix = _location.Prefix, MaxKeys = 1 }).ConfigureAwait(false)).S3Objects);
            if (found is [var own] && own.Key == _location.Prefix)
            {
                return ([new S3Entry(_location.Prefix[(_location.Prefix.LastIndexOf('/') + 1)..], own.Size ?? 0, own.ETag?.Trim('"') ?? "", Moment(own.LastModified))], true);
            }
        }

        return (List(""), false);
    }

    /// <summary>Fetches what <see cref="ListWithOwn"/> has listed.</summary>
    internal void DownloadOwn(S3Entry entry, bool isSingle, string file) =>
        new S3Download(_client, _location.Bucket, isSingle ? _location.Prefix : _prefix + entry.Key, entry, file, this).RunAsync().GetAwaiter().GetResult();

    /// <summary>Removes objects; those that are not there are no error.</summary>
    internal void Delete(IEnumerable<string> keys) =>
        Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = Options.Parallel }, async (key, _) =>
            await WaitAsync(async () => await _client.DeleteObjectAsync(_location.Bucket, _prefix + key, CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false)).GetAwaiter().GetResult();

    /// <summary>Uploads that were begun and not ended.</summary>
    internal IReadOnlyList<S3OpenUpload> Uploads(string prefix) => UploadsAsync(_prefix + prefix).GetAwaiter().GetResult();

    /// <summary>Gives up an upload, with all parts that are there.</summary>
    internal void Abort(S3OpenUpload upload) => Wait(async () =>
    {
        try
        {
            await _client.AbortMultipartUploadAsync(_location.Bucket, upload.Key, upload.Id).ConfigureAwait(false);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchUpload")
        {
            // It was ended or given up meanwhile.
        }

        return true;
    });

    internal async Task<IReadOnlyList<S3OpenUpload>> UploadsAsync(string fullPrefix)
    {
        var found = new List<S3OpenUpload>();
        ListMultipartUploadsResponse? page = null;
        do
        {
            page = await WaitAsync(() => _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest
            {
                BucketName = _location.Bucket,
                Prefix = fullPrefix,
                KeyMarker = page?.NextKeyMarker,
                UploadIdMarker = page?.NextUploadIdMarker,
            })).ConfigureAwait(false);
            found.AddRange((page.MultipartUploads ?? []).Select(upload => new S3OpenUpload(upload.Key, upload.UploadId, Moment(upload.Initiated))));
        }
        while (page.IsTruncated == true);
        return found;
    }

    /// <summary>Does a call until it succeeds or there is no hope.</summary>
    internal async Task<T> WaitAsync<T>(Func<Task<T>> call)
    {
        var patience = NewPatience();
        while (true)
        {
            try
            {
                var result = await call().ConfigureAwait(false);
                HasAnswered = true;
                return result;
            }
            catch (Exception error) when (error is not S3Exception && S3Problem.Of(error) is { } problem)
            {
                await patience.WaitAsync(problem, error).ConfigureAwait(false);
            }
        }
    }

    internal S3Patience NewPatience() => new(Options, _time, Name, () => HasAnswered);

    private T Wait<T>(Func<Task<T>> call) => WaitAsync(call).GetAwaiter().GetResult();

    private (IReadOnlyList<S3Entry> Entries, IReadOnlyList<string> Folders) ListAll(string prefix, string? delimiter)
    {
        var (entries, folders) = (new List<S3Entry>(), new List<string>());
        ListObjectsV2Response? page = null;
        do
        {
            page = Wait(() => _client.ListObjectsV2Async(new()
            {
                BucketName = _location.Bucket,
                Prefix = _prefix + prefix,
                Delimiter = delimiter,
                ContinuationToken = page?.NextContinuationToken,
            }));
            entries.AddRange((page.S3Objects ?? []).Select(EntryOf));
            folders.AddRange((page.CommonPrefixes ?? []).Select(folder => folder[(_prefix.Length + prefix.Length)..].TrimEnd('/')));
        }
        while (page.IsTruncated == true);
        return (entries, folders);
    }

    private S3Entry EntryOf(S3Object found) => new(found.Key[_prefix.Length..], found.Size ?? 0, found.ETag?.Trim('"') ?? "", Moment(found.LastModified));

    private static DateTimeOffset Moment(DateTime? time) => time is { } known ? new(known.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.MinValue;
}

/// <summary>An object in a bucket.</summary>
/// <param name="Key">Its key, without the place's prefix.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="ETag">What the store calls its content.</param>
/// <param name="Modified">When it was written, by the store's clock.</param>
internal sealed record S3Entry(string Key, long Size, string ETag, DateTimeOffset Modified);

/// <summary>An upload that was begun.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Id">Its name.</param>
/// <param name="Begun">When, by the store's clock.</param>
internal sealed record S3OpenUpload(string Key, string Id, DateTimeOffset Begun);
