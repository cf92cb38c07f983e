using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>What is known about an expert's use. Plain data, stored as JSON with the expert.</summary>
public sealed record PruningEvidence
{
    /// <summary>Smoothed share of all requests that the router gave to the expert, 0 to 1.</summary>
    public double Use { get; init; }

    /// <summary>Requests behind <see cref="Use"/>.</summary>
    public long Requests { get; init; }

    /// <summary>
    /// Held-out loss of the skill without the expert, by what the router would give instead, less the loss with it; nats per token.
    /// Null when it was not measured.
    /// </summary>
    public double? AblationLoss { get; init; }

    /// <summary>The evidence after a window of requests more.</summary>
    /// <param name="served">Requests of the window that the expert got.</param>
    /// <param name="requests">All requests of the window.</param>
    /// <param name="memory">Requests after which the weight of the past has fallen to 1/e.</param>
    public PruningEvidence After(long served, long requests, double memory = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(served);
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, served);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memory);
        if (requests == 0)
        {
            return this;
        }

        // The first windows are averaged, so that the start at zero does not count as disuse.
        var share = (double)served / requests;
        var weight = Math.Max(1 - Math.Exp(-requests / memory), (double)requests / (Requests + requests));
        return this with { Use = Use + (weight * (share - Use)), Requests = Requests + requests };
    }
}

/// <summary>Whether an expert goes to the archive, and why. Archiving keeps the weights.</summary>
/// <param name="Archives">Whether it goes.</param>
/// <param name="Reason">For people, with the figures.</param>
public sealed record PruningDecision(bool Archives, string Reason)
{
    /// <summary>Whether it would go, were the set without it not refused.</summary>
    public bool IsRefused { get; init; }
}

/// <summary>An expert goes to the archive when it is hardly used and its skill loses nothing without it. Either alone is no reason.</summary>
public sealed record PruningPolicy
{
    /// <summary>Share of requests below which an expert is hardly used; half a percent.</summary>
    [Range(0.0, 1.0)]
    public double LeastUse { get; init; } = 0.005;

    /// <summary>Requests before use is judged. At a use of half a percent, 2,000 would have brought ten.</summary>
    [Range(1L, long.MaxValue)]
    public long LeastRequests { get; init; } = 2000;

    /// <summary>The most nats per token that the skill may lose without its expert; the regression budget's default.</summary>
    [Range(0.0, 100.0)]
    public double MostLoss { get; init; } = 0.01;

    /// <summary>Decides.</summary>
    /// <param name="evidence">What is known.</param>
    public PruningDecision Decide(PruningEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        var use = Text($"it got {100 * evidence.Use:0.00} % of {evidence.Requests} requests");
        return evidence switch
        {
            { Requests: var requests } when requests < LeastRequests => Keep($"use is not known yet: {requests} of {LeastRequests} requests seen"),
            { Use: var share } when share >= LeastUse => Keep(Text($"{use}, at least {100 * LeastUse:0.00} %")),
            { AblationLoss: null } => Keep($"{use}, but what its skill loses without it was not measured"),
            { AblationLoss: double loss } when !(loss < MostLoss) => Keep(Text($"{use}, but its skill loses {loss:0.0000} nats/token without it, at least {MostLoss:0.0000}")),
            _ => new PruningDecision(true, Text($"{use}, below {100 * LeastUse:0.00} %, and its skill loses {evidence.AblationLoss:0.0000} nats/token without it, below {MostLoss:0.0000}")),
        };

        static PruningDecision Keep(string reason) => new(false, reason);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
