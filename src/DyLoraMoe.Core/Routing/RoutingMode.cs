namespace DyLoraMoe.Core.Routing;

/// <summary>How a router spreads a prompt over its experts.</summary>
public enum RoutingModeKind
{
    /// <summary>Every expert counts, by its probability.</summary>
    Dense,

    /// <summary>Between the two, by the least maturity.</summary>
    Blended,

    /// <summary>Only the likeliest few count.</summary>
    Sparse,
}

/// <summary>A router's mode and why it is in it.</summary>
/// <param name="Kind">Dense, blended or sparse.</param>
/// <param name="Maturity">The least maturity of the fitted experts, the share of the sparse part; 1 without fitted experts.</param>
/// <param name="HeldBackBy">The least mature fitted expert, the first of several; null when all are mature.</param>
public sealed record RoutingMode(RoutingModeKind Kind, double Maturity, string? HeldBackBy)
{
    /// <summary>The mode of a set of experts.</summary>
    /// <param name="experts">The experts; those not fitted yet do not count.</param>
    public static RoutingMode Of(IEnumerable<RoutedExpert> experts)
    {
        var least = experts.Where(expert => expert.IsFitted).MinBy(expert => expert.Maturity);
        return least switch
        {
            null => new RoutingMode(RoutingModeKind.Sparse, 1, null),
            { Maturity: >= 1 } => new RoutingMode(RoutingModeKind.Sparse, 1, null),
            { Maturity: <= 0 } => new RoutingMode(RoutingModeKind.Dense, 0, least.Name),
            _ => new RoutingMode(RoutingModeKind.Blended, least.Maturity, least.Name),
        };
    }
}
