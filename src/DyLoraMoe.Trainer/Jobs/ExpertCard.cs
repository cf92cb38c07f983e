using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// <c>expert.json</c> beside an expert's weights: what it is, what it has learnt, and all evidence about it. It holds no times and no paths, so that the
/// same training has the same digest.
/// </summary>
internal sealed record ExpertCard
{
    private const string FileName = "expert.json";
    private const int CurrentFormat = 1;

    /// <summary>Format of this record.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Name of the expert.</summary>
    public required string Name { get; init; }

    /// <summary>1 when it was made, one more with every change.</summary>
    public required int Version { get; init; }

    /// <summary>Digest of the backbone.</summary>
    public required string Backbone { get; init; }

    /// <summary>Where it acts.</summary>
    public required AdapterMode Mode { get; init; }

    /// <summary>Width of its update.</summary>
    public required int Rank { get; init; }

    /// <summary>Why it has this mode and rank.</summary>
    public string ShapeReason { get; init; } = "";

    /// <summary>The expert whose weights its first version started from; null for nothing.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>Whether it was trained elsewhere.</summary>
    public bool IsImported { get; init; }

    /// <summary>Held-out losses while it trained last.</summary>
    public IReadOnlyList<LossPoint> Curve { get; init; } = [];

    /// <summary>Different samples that it was trained on.</summary>
    public long SamplesSeen { get; init; }

    /// <summary>Tokens that it was trained on, earlier versions and trials included.</summary>
    public long Tokens { get; init; }

    /// <summary>What it gains on each of its skills, by the skill's name.</summary>
    public SortedDictionary<string, CardSkill> Skills { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Held-out loss of the bare backbone on all of them, nats per token; null where nothing was measured.</summary>
    [JsonIgnore]
    public double? BackboneLoss => Mean(evidence => evidence.Backbone);

    /// <summary>Held-out loss of the expert on all of them, nats per token; null where nothing was measured.</summary>
    [JsonIgnore]
    public double? ExpertLoss => Mean(evidence => evidence.Expert);

    /// <summary>The evidence about its maturity, without its routing; null where nothing was measured.</summary>
    [JsonIgnore]
    public MaturityEvidence? Evidence => BackboneLoss is { } backbone && ExpertLoss is { } own
        ? new MaturityEvidence { BackboneLoss = backbone, ExpertLoss = own, Curve = Curve, SamplesSeen = SamplesSeen }
        : null;

    /// <summary>Whether a skill is among what it has learnt, with the data that the skill has.</summary>
    public bool Has(SkillInput skill) => Skills.GetValueOrDefault(skill.Name)?.Dataset == skill.Dataset;

    /// <summary>Writes it into an expert's folder.</summary>
    public void Save(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonText.Of(this));

    /// <summary>The card of a published expert.</summary>
    /// <param name="store">The store.</param>
    /// <param name="digest">The expert's digest.</param>
    /// <exception cref="ArtifactException">The expert is missing or damaged, or has no card that can be read.</exception>
    public static ExpertCard Open(ArtifactStore store, string digest)
    {
        var file = Path.Combine(store.Open(ArtifactKind.Expert, digest), FileName);
        try
        {
            var card = JsonText.Parse<ExpertCard>(JsonDocument.Parse(File.ReadAllText(file)).RootElement);
            return card.Format == CurrentFormat ? card : throw new ArtifactException($"{file} has format {card.Format}, expected {CurrentFormat}; use the version of dylora that wrote it.");
        }
        catch (Exception error) when (error is FileNotFoundException or JsonException)
        {
            throw new ArtifactException($"The expert {digest} has no {FileName} that can be read ({error.Message}); import its weights as an adapter.", error);
        }
    }

    private double? Mean(Func<ExpertEvidence, IReadOnlyList<double>> of)
    {
        var tokens = Skills.Values.Sum(skill => skill.Evidence.Tokens.Sum());
        return tokens == 0 ? null : Skills.Values.Sum(skill => of(skill.Evidence).Sum()) / tokens;
    }
}

/// <summary>What an expert gains on a skill.</summary>
/// <param name="Dataset">Digest of the data.</param>
/// <param name="HeldOutPercent">Share of them that is held out.</param>
/// <param name="Evidence">Itself against the bare backbone on the held-out samples.</param>
internal sealed record CardSkill(string Dataset, int HeldOutPercent, ExpertEvidence Evidence);
