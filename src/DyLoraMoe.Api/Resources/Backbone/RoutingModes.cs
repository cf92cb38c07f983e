namespace DyLoraMoe.Api.Resources;

/// <summary>How prompts reach experts.</summary>
public static class RoutingModes
{
    /// <summary>All experts answer, weighted: at least one is not mature at all.</summary>
    public const string Dense = "Dense";

    /// <summary>In between, by the least maturity.</summary>
    public const string Blended = "Blended";

    /// <summary>The best few answer: all are mature.</summary>
    public const string Sparse = "Sparse";
}
