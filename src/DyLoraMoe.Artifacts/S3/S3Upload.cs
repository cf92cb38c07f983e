using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>
/// Brings one file into a bucket. A large one goes in parts; an upload of the same key that was cut, whoever began it, is gone on with: what is stored under a key is always
/// the same, so two that upload it at once help each other.
/// </summary>
internal sealed class S3Upload(AmazonS3Client client, string bucket, string key, string file, S3Bucket place)
{
    // A store takes ten thousand.
    private const int MostParts = 9000;

    // One that is ended or given up by somebody else is begun again.
    private const int MostTurns = 4;

    private readonly long _size = new FileInfo(file).Length;

    public async Task RunAsync()
    {
        if (_size <= place.Options.PartBytes)
        {
            await place.WaitAsync(() => client.PutObjectAsync(new() { BucketName = bucket, Key = key, FilePath = file, UseChunkEncoding = false })).ConfigureAwait(false);
            return;
        }

        for (var turn = 1; ; turn++)
        {
            var (upload, isNew) = await BeginAsync(mayGoOn: turn < MostTurns).ConfigureAwait(false);
            try
            {
                var parts = await SendPartsAsync(upload, isNew ? [] : await PartsAsync(upload).ConfigureAwait(false)).ConfigureAwait(false);
                await place.WaitAsync(() => client.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = key, UploadId = upload, PartETags = parts })).ConfigureAwait(false);
                return;
            }
            catch (AmazonS3Exception error) when (error.ErrorCode is "NoSuchUpload" or "InvalidPart" && turn < MostTurns)
            {
                // Its end may have come through without the answer, or somebody else has ended it.
                if (await IsThereAsync().ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Bytes of each part of a file of some size.</summary>
    public static long PartBytes(long size, S3Options options) => Math.Max(options.PartBytes, (size + MostParts - 1) / MostParts);

    /// <summary>What a store calls the content of a file that came whole or in such parts, unless it encrypts with keys of its own.</summary>
    public static string ETagOf(string file, S3Options options)
    {
        var size = new FileInfo(file).Length;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        if (size <= options.PartBytes)
        {
            return Md5(stream, size);
        }

        var part = PartBytes(size, options);
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var count = 0;
        for (var at = 0L; at < size; at += part, count++)
        {
            all.AppendData(Convert.FromHexString(Md5(stream, Math.Min(part, size - at))));
        }

        return $"{Convert.ToHexStringLower(all.GetHashAndReset())}-{count}";
    }

    private async Task<bool> IsThereAsync()
    {
        var found = await place.WaitAsync(() => client.ListObjectsV2Async(new() { BucketName = bucket, Prefix = key, MaxKeys = 1 })).ConfigureAwait(false);
        return found.S3Objects is [var first, ..] && first.Key == key && first.Size == _size && first.ETag.Trim('"') == ETagOf(file, place.Options);
    }

    private async Task<(string Id, bool IsNew)> BeginAsync(bool mayGoOn)
    {
        if (mayGoOn && await NewestAsync().ConfigureAwait(false) is { } known)
        {
            return (known, false);
        }

        return ((await place.WaitAsync(() => client.InitiateMultipartUploadAsync(bucket, key)).ConfigureAwait(false)).UploadId, true);
    }

    private async Task<string?> NewestAsync()
    {
        try
        {
            var uploads = await place.UploadsAsync(key).ConfigureAwait(false);
            return uploads.Where(upload => upload.Key == key).MaxBy(upload => upload.Begun)?.Id;
        }
        catch (Exception error) when (IsNotToldHere(error))
        {
            return null;
        }
    }

    // Lists of uploads and parts only save work: where they are not allowed, or not known to the store, all parts are sent.
    private static bool IsNotToldHere(Exception error) =>
        error is AmazonS3Exception { ErrorCode: not "NoSuchUpload" } or S3Exception { IsPermanent: false, Reason: Reasons.AccessDenied };

    private async Task<List<PartETag>> SendPartsAsync(string upload, Dictionary<int, PartDetail> there)
    {
        var bytes = PartBytes(_size, place.Options);
        var sent = new ConcurrentBag<PartETag>();
        var numbers = Enumerable.Range(1, (int)((_size + bytes - 1) / bytes));
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = place.Options.Parallel }, async (number, _) =>
        {
            var at = (number - 1) * bytes;
            var length = Math.Min(bytes, _size - at);
            if (there.TryGetValue(number, out var known) && known.Size == length && known.ETag.Trim('"') == Md5At(at, length))
            {
                sent.Add(new PartETag(number, known.ETag));
                return;
            }

            var answer = await place.WaitAsync(() => client.UploadPartAsync(new()
            {
                BucketName = bucket,
                Key = key,
                UploadId = upload,
                PartNumber = number,
                FilePath = file,
                FilePosition = at,
                PartSize = length,
                UseChunkEncoding = false,
            })).ConfigureAwait(false);
            sent.Add(new PartETag(number, answer.ETag));
        }).ConfigureAwait(false);
        return [.. sent.OrderBy(part => part.PartNumber)];
    }

    private async Task<Dictionary<int, PartDetail>> PartsAsync(string upload)
    {
        var parts = new Dictionary<int, PartDetail>();
        ListPartsResponse? page = null;
        do
        {
            try
            {
                page = await place.WaitAsync(() => client.ListPartsAsync(new() { BucketName = bucket, Key = key, UploadId = upload, PartNumberMarker = page?.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture) })).ConfigureAwait(false);
            }
            catch (Exception error) when (IsNotToldHere(error))
            {
                return [];
            }

            foreach (var part in page.Parts ?? [])
            {
                parts[part.PartNumber ?? 0] = part;
            }
        }
        while (page.IsTruncated == true);
        return parts;
    }

    private string Md5At(long at, long length)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        stream.Position = at;
        return Md5(stream, length);
    }

    private static string Md5(FileStream stream, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            while (length > 0 && stream.Read(buffer, 0, (int)Math.Min(buffer.Length, length)) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                length -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
