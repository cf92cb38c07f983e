using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>Reasons of jobs that a bucket stood in the way of. A bucket, its rights and its credentials are mended without a change of the spec, and nothing tells of it.</summary>
internal static class BucketTroubles
{
    private static readonly string[] _reasons =
        [Reasons.BucketNotFound, Reasons.ObjectNotFound, Reasons.AccessDenied, Reasons.CertificateInvalid, Reasons.EndpointUnreachable];

    /// <summary>Whether a reason is one.</summary>
    public static bool IsOne(string? reason) => _reasons.Contains(reason);
}
