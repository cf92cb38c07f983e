namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Pages that begin with a cluster in which there is nothing yet: each command is run, each manifest put before the API server, top to bottom.</summary>
public sealed class FromScratchPageTests
{
    private const string Installing = "docs/operations/install.md";

    private static readonly string[] _names =
    [
        "README.md",
        "docs/getting-started.md",
        "docs/operations/air-gapped.md",
        "docs/operations/disaster.md",
        Installing,
        "docs/reference/operator.md",
        "docs/reference/sandbox.md",
    ];

    public static TheoryData<string> Followed => [.. _names.Where(name => Extent.Has(name) && name != Installing)];

    /// <summary>Whether a page is one of them.</summary>
    internal static bool Begins(string name) => _names.Contains(name);

    [Theory]
    [MemberData(nameof(Followed))]
    public Task A_page_can_be_followed(string name) => FollowAsync(name);

    [Fact]
    [Trait("Length", "Long")]
    public Task An_installation_can_be_followed() => FollowAsync(Installing);

    private static async Task FollowAsync(string name)
    {
        Installation.MakeRenderer();
        await using var bench = new Bench();
        await bench.FollowAsync(Page.Read(name), await bench.StartClusterAsync("new"));
    }
}
