using System.Text.Json;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// What a server needs of a <see cref="SkillLibrary"/> to tell how new prompts look and to group those that are: where each skill lies and how far its
/// own held-out prompts lie from there, without the descriptions of samples. A snapshot, one small file beside the router.
/// </summary>
/// <remarks>Shapes: N prompts, F features, K dimensions, S skills.</remarks>
public sealed class NoveltyMap : IDisposable
{
    private const string FileName = "novelty.safetensors";
    private const string HeaderKey = "novelty";
    private const int Version = 1;

    // As many held-out prompts of each skill say how far two prompts of one skill are apart.
    private const int PairsOf = 64;

    private NoveltyMap(FeatureProjection projection, SkillSpace space, IReadOnlyList<float[]> heldOut, double reach, double spread) =>
        (Projection, Space, HeldOut, Reach, Spread) = (projection, space, heldOut, reach, spread);

    /// <summary>Dimensions that features are projected to, K.</summary>
    internal int Dimensions => (int)Projection.Directions.shape[1];

    /// <summary>How features are compared and remembered.</summary>
    internal FeatureProjection Projection { get; }

    /// <summary>Where the skills lie.</summary>
    internal SkillSpace Space { get; }

    /// <summary>Distances of each skill's held-out prompts to its mean, rising.</summary>
    internal IReadOnlyList<float[]> HeldOut { get; }

    /// <summary>Of two prompts of one skill, 95 of 100 are no farther from each other.</summary>
    internal double Reach { get; }

    /// <summary>Mean distance of held-out prompts to their skill's mean.</summary>
    internal double Spread { get; }

    /// <summary>The map of a library.</summary>
    /// <param name="library">The library; stays the caller's.</param>
    public static NoveltyMap Of(SkillLibrary library)
    {
        ArgumentNullException.ThrowIfNull(library);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var space = new SkillSpace(library);
        var heldOut = space.Skills.Select(skill => space.Whiten(library.VectorsOf(skill.Name).HeldOut)).ToList();
        var distances = heldOut.Select((rows, skill) => space.Distances(rows).select(1, skill).data<double>().ToArray()).ToList();
        var pairs = heldOut.SelectMany(rows => Pairs(rows.narrow(0, 0, Math.Min(PairsOf, rows.shape[0])))).Order().ToArray();
        return new NoveltyMap(
            library.Projection.Copy(),
            space,
            [.. distances.Select(values => Array.ConvertAll(values, value => (float)value).Order().ToArray())],
            pairs.Length == 0 ? 0 : pairs[(int)(0.95 * (pairs.Length - 1))],
            distances.SelectMany(values => values).DefaultIfEmpty(0).Average());
    }

    /// <summary>Writes the map beside a router.</summary>
    /// <param name="folder">The router's folder.</param>
    /// <param name="identity">What the router belongs to.</param>
    public void Save(string folder, RouterIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        using var scope = NewDisposeScope();
        var header = new Header(Version, identity.Backbone, identity.Features, Reach, Spread, [.. Space.Skills.Select((skill, row) => new Place(skill.Name, skill.Expert, HeldOut[row].Length))]);
        Dictionary<string, Tensor> parts = new()
        {
            ["directions"] = Projection.Directions,
            ["origin"] = Projection.Origin,
            ["whitening"] = Space.Whitening,
            ["means"] = Space.Means,
            ["held_out"] = tensor(HeldOut.SelectMany(distances => distances).ToArray()),
        };
        SafetensorsWriter.Write(Path.Combine(folder, FileName), parts, new Dictionary<string, string> { [HeaderKey] = JsonSerializer.Serialize(header) });
    }

    /// <summary>Reads the map beside a router.</summary>
    /// <param name="folder">The router's folder.</param>
    /// <param name="identity">What the router belongs to.</param>
    /// <returns>The map, which is the caller's; null for a router that came without one.</returns>
    /// <exception cref="ModelFormatException">It is damaged, or another backbone's.</exception>
    public static NoveltyMap? Load(string folder, RouterIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = SafetensorsFile.Open(path);
        var header = Read(path, file.Metadata);
        if (header.Backbone != identity.Backbone || header.Features != identity.Features)
        {
            throw new ModelFormatException($"{path} belongs to backbone {header.Backbone} with features {header.Features}, found {identity.Backbone} with {identity.Features}; fit the router again");
        }

        using var scope = NewDisposeScope();
        Tensor[] parts = [file.Read("directions"), file.Read("origin"), file.Read("whitening"), file.Read("means"), file.Read("held_out")];
        var (directions, origin, whitening, means, heldOut) = (parts[0], parts[1], parts[2], parts[3], parts[4]);
        var (width, skills) = (directions.dim() == 2 ? directions.shape[1] : 0, header.Skills.Count);
        if (width == 0 || !origin.shape.SequenceEqual([1, width]) || !whitening.shape.SequenceEqual([width, width]) || !means.shape.SequenceEqual([skills, width])
            || heldOut.shape is not [var all] || all != header.Skills.Sum(skill => (long)skill.HeldOut)
            || Array.Exists(parts, part => part.dtype != (ReferenceEquals(part, heldOut) ? ScalarType.Float32 : ScalarType.Float64)))
        {
            throw new ModelFormatException($"{path} is damaged: its tensors do not fit each other; fit the router again");
        }

        var values = heldOut.data<float>().ToArray();
        var begin = 0;
        List<float[]> distances = [.. header.Skills.Select(skill => values[begin..(begin += skill.HeldOut)])];
        var space = new SkillSpace([.. header.Skills.Select(skill => new KnownSkill(skill.Name, [], skill.Expert, null))], whitening.DetachFromDisposeScope(), means.DetachFromDisposeScope());
        return new NoveltyMap(new FeatureProjection(directions.DetachFromDisposeScope(), origin.DetachFromDisposeScope()), space, distances, header.Reach, header.Spread);
    }

    /// <summary>Frees the matrices.</summary>
    public void Dispose()
    {
        Projection.Dispose();
        Space.Dispose();
    }

    /// <summary>What takes features to the whitened space in one product: (F, K) and what is subtracted, (1, K), of the caller's scope.</summary>
    internal (Tensor Directions, Tensor Origin) Whitened() => (Projection.Directions.matmul(Space.Whitening), Projection.Origin.matmul(Space.Whitening));

    private static IEnumerable<double> Pairs(Tensor rows)
    {
        var (width, values) = ((int)rows.shape[1], rows.contiguous().data<double>().ToArray());
        var points = values.Chunk(width).ToList();
        return points.SelectMany((one, index) => points.Skip(index + 1).Select(other => Vectors.Distance(one, other)));
    }

    private static Header Read(string path, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return metadata.TryGetValue(HeaderKey, out var text) && JsonSerializer.Deserialize<Header>(text) is { Version: Version, Skills: { Count: > 0 } skills } header && skills.All(skill => skill is { Name: not null, HeldOut: > 0 })
                ? header
                : throw new ModelFormatException($"{path} is no map of version {Version}; fit the router again");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException($"{path} is damaged: {error.Message}", error);
        }
    }

    private sealed record Header(int Version, string Backbone, string Features, double Reach, double Spread, IReadOnlyList<Place> Skills);

    private sealed record Place(string Name, string? Expert, int HeldOut);
}
