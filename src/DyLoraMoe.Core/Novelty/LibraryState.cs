namespace DyLoraMoe.Core.Novelty;

/// <summary>The content of <c>library.json</c>.</summary>
internal sealed record LibraryState
{
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    public required string Backbone { get; init; }

    public required string Descriptions { get; init; }

    public required LibraryOptions Options { get; init; }

    public required string AnchorDigest { get; init; }

    public IReadOnlyList<KnownSkill> Skills { get; init; } = [];
}
