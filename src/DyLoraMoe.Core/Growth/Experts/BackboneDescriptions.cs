using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>
/// How samples are described by the backbone of a folder. One that grew and computes what the one before did is looked at in a way that gives the same
/// numbers (<see cref="GrownDescriptions"/>), so that routers and stored descriptions of the one before stay true; every other one in the usual way.
/// </summary>
/// <param name="Features">Which states describe a prompt.</param>
/// <param name="Gradients">Which gradients describe an answer.</param>
public sealed record BackboneDescriptions(FeatureOptions Features, GradientOptions Gradients)
{
    private const string CarriedKey = "carried";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>How any backbone is looked at.</summary>
    public static BackboneDescriptions Usual { get; } = new(FeatureOptions.Default, new GradientOptions());

    /// <summary>Whose routers and descriptions are as good here; null for none.</summary>
    public FormerDescriptions? Former { get; init; }

    /// <summary>How the backbone of a folder is looked at.</summary>
    /// <param name="folder">The folder; one that did not grow has no record and is looked at as usual.</param>
    /// <exception cref="InvalidDataException">Its record of growth is damaged.</exception>
    public static BackboneDescriptions Of(string folder) =>
        Read(folder, record => record[CarriedKey] is JsonObject carried ? Options(record) with { Former = carried.Deserialize<FormerDescriptions>(_json) } : Usual);

    /// <summary>How a backbone that grew can be looked at as the one before, whether or not it still computes the same.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static BackboneDescriptions AsBefore(string folder) => Read(folder, Options);

    /// <summary>Notes in a record of growth how to look at what grew.</summary>
    /// <param name="record">The record.</param>
    /// <param name="descriptions">How the numbers stay what they were.</param>
    /// <param name="former">Whose routers and descriptions are as good from now on; null for none, since it computes something else.</param>
    public static void Write(JsonObject record, GrownDescriptions descriptions, FormerDescriptions? former)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(descriptions);
        record["features"] = JsonSerializer.SerializeToNode(new FeaturePart(descriptions.Features.Depths, descriptions.Features.Channels), _json);
        record["gradients"] = JsonSerializer.SerializeToNode(new GradientPart(descriptions.Gradients.Carried, descriptions.Recomputed), _json);
        if (former is not null)
        {
            record[CarriedKey] = JsonSerializer.SerializeToNode(descriptions.Recomputed is null ? former : former with { Identity = null }, _json);
        }
    }

    private static BackboneDescriptions Options(JsonObject record)
    {
        var (features, gradients) = (record["features"].Deserialize<FeaturePart>(_json), record["gradients"].Deserialize<GradientPart>(_json));
        var found = features is { Depths: not null } && gradients is { Carried: not null }
            ? new BackboneDescriptions(FeatureOptions.Default with { Depths = features.Depths, Channels = features.Channels }, new GradientOptions { Carried = gradients.Carried })
            : throw new JsonException("'features' or 'gradients' is missing");
        found.Features.Validate();
        return found;
    }

    private static BackboneDescriptions Read(string folder, Func<JsonObject, BackboneDescriptions> read)
    {
        var path = Path.Combine(folder, GrownFolder.RecordFile);
        if (!File.Exists(path))
        {
            return Usual;
        }

        try
        {
            return read(JsonNode.Parse(File.ReadAllText(path))!.AsObject());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ValidationException)
        {
            throw new InvalidDataException($"{path} is not what growth writes: {error.Message}", error);
        }
    }

    private sealed record FeaturePart(IReadOnlyList<double> Depths, int? Channels);

    private sealed record GradientPart(IReadOnlyList<CarriedLayer> Carried, string? Recomputed);
}

/// <summary>A backbone whose routers and descriptions are as good for the one that it grew into.</summary>
/// <param name="Backbone">Its digest.</param>
/// <param name="Features">Digest of how its prompts are described, which routers are fitted on.</param>
/// <param name="Identity">All that decides what its descriptions mean; null where answers have to be described again.</param>
public sealed record FormerDescriptions(string Backbone, string Features, string? Identity);
