using System.Buffers;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>Brings one object into a file, from the byte on that the file ends with. That the content is right, whoever knows its digest has to check.</summary>
internal sealed class S3Download(AmazonS3Client client, string bucket, string key, S3Entry entry, string file, S3Bucket place)
{
    private const int BufferBytes = 1 << 17;

    public async Task RunAsync()
    {
        using var target = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1);
        if (target.Length > entry.Size)
        {
            target.SetLength(0);
        }

        target.Seek(0, SeekOrigin.End);
        var patience = place.NewPatience();
        while (target.Position < entry.Size)
        {
            try
            {
                await FetchAsync(target, patience).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not (S3Exception or FileNotFoundException or LocalException) && S3Problem.Of(error) is { } problem)
            {
                await patience.WaitAsync(problem, error).ConfigureAwait(false);
            }
            catch (LocalException error)
            {
                // The disk's trouble, not the bucket's.
                throw new IOException(error.InnerException!.Message, error.InnerException);
            }
        }

        target.Flush(flushToDisk: true);
    }

    private async Task FetchAsync(FileStream target, S3Patience patience)
    {
        using var silence = new CancellationTokenSource(place.Options.Silence);
        using var answer = await AskAsync(target.Position, silence.Token).ConfigureAwait(false);
        if (target.Position > 0 && answer.HttpStatusCode != HttpStatusCode.PartialContent)
        {
            target.SetLength(0);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await answer.ResponseStream.ReadAsync(buffer.AsMemory(), silence.Token).ConfigureAwait(false) is var count and > 0)
            {
                Write(target, buffer.AsSpan(0, (int)Math.Min(count, entry.Size - target.Position)));
                patience.Renew();
                silence.CancelAfter(place.Options.Silence);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (target.Position < entry.Size)
        {
            throw new IOException("The answer was cut.");
        }
    }

    private async Task<GetObjectResponse> AskAsync(long from, CancellationToken cancellation)
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = entry.ETag.Length > 0 ? $"\"{entry.ETag}\"" : null };
        if (from > 0)
        {
            request.ByteRange = new ByteRange($"bytes={from.ToString(System.Globalization.CultureInfo.InvariantCulture)}-");
        }

        try
        {
            return await client.GetObjectAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchKey" || error.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new FileNotFoundException($"{place.Name}/{entry.Key} is not there any more, or not as it was.", error);
        }
    }

    private static void Write(FileStream target, ReadOnlySpan<byte> content)
    {
        try
        {
            target.Write(content);
        }
        catch (IOException error)
        {
            throw new LocalException(error);
        }
    }

    private sealed class LocalException(IOException inner) : Exception("A file cannot be written.", inner);
}
