namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Pages that begin with a cluster in which there is nothing yet: each command is run, each manifest put before the API server, top to bottom.</summary>
public sealed class FromScratchPageTests
{
    private static readonly string[] _names =
    [
        "README.md",
        "docs/getting-started.md",
        "docs/operations/air-gapped.md",
        "docs/operations/disaster.md",
        "docs/operations/install.md",
        "docs/reference/operator.md",
        "docs/reference/sandbox.md",
    ];

    public static TheoryData<string> Followed => [.. _names.Where(Extent.Has)];

    /// <summary>Whether a page is one of them.</summary>
    internal static bool Begins(string name) => _names.Contains(name);

    [Theory]
    [MemberData(nameof(Followed))]
    public async Task A_page_can_be_followed(string name)
    {
        Installation.MakeRenderer();
        await using var bench = new Bench();
        await bench.FollowAsync(Page.Read(name), await bench.StartClusterAsync("new"));
    }
}
