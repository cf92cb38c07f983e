namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Which pages are followed: those that take seconds, and all of them with <c>DYLORA_PAGES=all</c>, as <c>make pages</c> and the workflows have it.</summary>
internal static class Extent
{
    private static readonly bool _isAll = Environment.GetEnvironmentVariable("DYLORA_PAGES") == "all";

    // Half a minute each, mostly for clusters and installations of their own.
    private static readonly string[] _long =
    [
        "docs/getting-started.md",
        "docs/gitops.md",
        "docs/operations/air-gapped.md",
        "docs/operations/backup-and-restore.md",
        "docs/operations/disaster.md",
        "docs/reference/dylora.md",
        "docs/reference/kubectl-dylora.md",
        "docs/reference/operator.md",
    ];

    /// <summary>Whether a page is followed this time.</summary>
    public static bool Has(string name) => _isAll || !_long.Contains(name);
}
