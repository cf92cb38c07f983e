using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>What a failed call means: pure rules, the first that holds decides.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="MayPass">Whether the same call may succeed in a moment.</param>
/// <param name="Text">What happened, without any secret.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record S3Problem(string Reason, bool MayPass, string Text, string Advice)
{
    private static readonly string[] _busy = ["SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling", "ThrottlingException", "TooManyRequests", "OperationAborted", "ConditionalRequestConflict"];
    private static readonly string[] _elsewhere = ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "TemporaryRedirect"];

    /// <summary>The problem behind an error; null when it is none of a bucket.</summary>
    public static S3Problem? Of(Exception error)
    {
        if (error is AmazonServiceException { StatusCode: not 0 } answer)
        {
            return OfAnswer(answer);
        }

        var chain = Chain(error).ToList();
        if (chain.OfType<AuthenticationException>().FirstOrDefault(inner => inner.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase)) is { } untrusted)
        {
            return new(Reasons.CertificateInvalid, false, untrusted.Message, "Name the certificates that sign the endpoint's in caBundle, and the endpoint by a name that its certificate has.");
        }

        if (chain.Exists(inner => inner is HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException or AuthenticationException))
        {
            var text = chain[^1] is OperationCanceledException ? "it has not answered in time" : chain[^1].Message;
            return new(Reasons.EndpointUnreachable, true, text, "See that the endpoint is right and can be reached from here.");
        }

        return error is AmazonClientException
            ? new(Reasons.AccessDenied, false, error.Message, "Name a Secret with credentials, or give the pod's service account an identity that the store knows.")
            : null;
    }

    private static S3Problem? OfAnswer(AmazonServiceException answer)
    {
        var code = answer.ErrorCode ?? "";
        var text = $"{(int)answer.StatusCode} {code}".TrimEnd();
        return (int)answer.StatusCode is >= 500 and not (int)HttpStatusCode.NotImplemented || answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || _busy.Contains(code)
                ? new(Reasons.EndpointUnreachable, true, text, "The store cannot answer now; it is tried again.")
            : code == "NoSuchBucket" ? new(Reasons.BucketNotFound, false, text, "Make the bucket, or mend its name.")
            : _elsewhere.Contains(code) ? new(Reasons.EndpointUnreachable, false, $"{text}: {answer.Message}", "Mend region, endpoint or pathStyle.")
            : answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized || code is "ExpiredToken" or "InvalidToken"
                ? new(Reasons.AccessDenied, false, text, "Mend the credentials, or what they are allowed: to list the bucket, to get, put and delete its objects, and to list and abort its uploads and list their parts.")
            : null;
    }

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            yield return inner;
        }
    }
}
