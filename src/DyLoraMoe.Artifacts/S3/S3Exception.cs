using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>A bucket cannot be used. The message names it and says what to do.</summary>
public sealed class S3Exception : Exception
{
    internal S3Exception(string reason, bool isPermanent, string message, Exception? inner = null)
        : base(message, inner) => (Reason, IsPermanent) = (reason, isPermanent);

    /// <summary>One of <see cref="Reasons"/>.</summary>
    public string Reason { get; }

    /// <summary>Whether another try would end alike until somebody changes something. What has worked before in this process may work again in another: credentials expire.</summary>
    public bool IsPermanent { get; }
}
