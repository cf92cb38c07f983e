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

    public static TheoryData<string> Quick => [.. _names.Where(name => !Page.IsSlow(name))];

    public static TheoryData<string> Slow => [.. _names.Where(Page.IsSlow)];

    /// <summary>Whether a page is one of them.</summary>
    internal static bool Begins(string name) => _names.Contains(name);

    [Theory]
    [MemberData(nameof(Quick))]
    public Task A_page_can_be_followed(string name) => FollowAsync(name);

    [Theory]
    [MemberData(nameof(Slow))]
    [Trait("Length", "Long")]
    public Task A_long_page_can_be_followed(string name) => FollowAsync(name);

    private static async Task FollowAsync(string name)
    {
        Installation.MakeRenderer();
        await using var bench = new Bench();
        await bench.FollowAsync(Page.Read(name), await bench.StartClusterAsync("new"));
    }
}
