using System.Text.Json.Nodes;

namespace DyLoraMoe.Testing.Resources;

/// <summary>A manifest that must be accepted, or refused because of a field; or a change of one.</summary>
public sealed record ManifestCase
{
    /// <summary>What is shown.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the resource.</summary>
    public required string Kind { get; init; }

    /// <summary>The merge patch that makes the manifest from the valid one of its kind.</summary>
    public required JsonObject Given { get; init; }

    /// <summary>The manifest that is created.</summary>
    public required JsonObject Manifest { get; init; }

    /// <summary>What it is changed to; null when only the creation matters. The creation is valid then.</summary>
    public JsonObject? Update { get; init; }

    /// <summary>The field that is blamed; null when all is well.</summary>
    public string? Refused { get; init; }

    /// <summary>Whether only the API server can see what is wrong, since the class of the kind cannot hold such a manifest.</summary>
    public bool OnlySchema { get; init; }

    /// <inheritdoc />
    public override string ToString() => Name;
}
