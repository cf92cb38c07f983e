using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Features;

/// <summary>
/// Which hidden states describe a prompt. The last layer is rarely the best one and a mean alone can hide what is unusual
/// (see <see href="https://arxiv.org/abs/2302.09852">2302.09852</see>), so several depths are taken, each with mean and spread.
/// </summary>
public sealed record FeatureOptions
{
    /// <summary>The defaults.</summary>
    public static FeatureOptions Default { get; } = new();

    /// <summary>Depths as fractions of the layers, rising: 0 is the embeddings, 1 the last layer. The default is both ends and the middle.</summary>
    public IReadOnlyList<double> Depths { get; init; } = [0, 0.5, 1];

    /// <summary>Widest block of features; blocks of wider models are projected to it by a seeded random matrix. 512 keeps distances to about 5 %.</summary>
    [Range(1, 1 << 16)]
    public int WidestBlock { get; init; } = 512;

    /// <summary>Seed of that matrix. Part of the features' identity: never changed once features are stored.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many channels of the residual stream are looked at, from the first on; null, the default, for all. A backbone that has become wider is looked at as before.</summary>
    [Range(1, 1 << 20)]
    public int? Channels { get; init; }

    /// <summary>Everything that decides what features mean, in one line.</summary>
    public string Identity => string.Create(
        CultureInfo.InvariantCulture,
        $"features 1; depths {string.Join(' ', Depths.Select(depth => depth.ToString("R", CultureInfo.InvariantCulture)))}; block {WidestBlock}; seed {Seed}{(Channels is { } channels ? $"; channels {channels}" : "")}");

    /// <summary>The SHA-256 of <see cref="Identity"/>, as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Digest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Identity)));

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (Depths.Count == 0 || Depths.Any(depth => depth is not (>= 0 and <= 1)) || Depths.Zip(Depths.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ValidationException($"Depths are {string.Join(", ", Depths)}, expected rising fractions of the layers from 0 to 1.");
        }
    }

    /// <summary>Width of the features of a model, F: mean and spread of every depth, and the last token's state of the last depth.</summary>
    /// <param name="config">The model's shape.</param>
    public int WidthFor(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return ((2 * LayersOf(config).Count) + 1) * Math.Min(ChannelsOf(config), WidestBlock);
    }

    /// <summary>How many channels of a model are looked at.</summary>
    internal int ChannelsOf(ModelConfig config) => Math.Min(Channels ?? config.HiddenSize, config.HiddenSize);

    /// <summary>The observed layers, rising: 0 for the embeddings.</summary>
    internal IReadOnlyList<int> LayersOf(ModelConfig config) =>
        [.. Depths.Select(depth => (int)Math.Round(depth * config.Layers, MidpointRounding.AwayFromZero)).Distinct()];
}
