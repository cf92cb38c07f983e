using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>How experts are made and trained.</summary>
public sealed record ExpertPolicy
{
    /// <summary>Reach and strength of a new expert. Rank and mode are decided by <see cref="Rank"/> and <see cref="Mode"/>; alpha / rank stays as given here.</summary>
    public LoraConfig Adapter { get; init; } = new();

    /// <summary>Rank by difficulty.</summary>
    public RankPolicy Rank { get; init; } = new();

    /// <summary>Mode by evidence.</summary>
    public ModeChoiceOptions Mode { get; init; } = new();

    /// <summary>The whole budget of a new expert, probes included, and its rates.</summary>
    public TrainingOptions Training { get; init; } = TrainingOptions.Expert;

    /// <summary>
    /// Share of the budget, in percent, that each probe takes: the first high-rate steps, by which mode and rank are decided. Their
    /// training is not lost.
    /// </summary>
    [Range(1, 40)]
    public int ProbePercent { get; init; } = 10;

    /// <summary>
    /// From which head start on an expert that knows something similar is extended in place of making a new one (<see cref="HeadStart"/>).
    /// On the built-in backbone, after probes of 7 to 30 steps, other rules in the same form gave at most 0.14 and the same rule in other words mostly 0.17
    /// to 0.59; the longer the probe, the further apart they lie.
    /// </summary>
    [Range(0.0, 1.0)]
    public double LeastHeadStart { get; init; } = 0.15;

    /// <summary>
    /// From which lead on a new expert starts from the weights of one that knows something related in place of nothing: after the same steps, by this share of the
    /// backbone's loss. What it starts from stays as it is.
    /// </summary>
    [Range(0.0, 1.0)]
    public double LeastLead { get; init; } = 0.03;

    /// <summary>
    /// Share of its gain that an expert has to recover on new data for a probe from it to be tried; below, it is plainly wrong there.
    /// Null for -0.5: no worse than the backbone by half of all it gains on its own. Left out of JSON then, so that runs begun without it keep their names.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(double.MinValue, 1.0)]
    public double? LeastShareToProbe { get; init; }

    /// <summary>Share of the tokens, in percent, that is replay of what an expert knows already when it is extended.</summary>
    [Range(0, 99)]
    public int ReplayPercent { get; init; } = 50;

    /// <summary>Most samples of each skill that are replayed, kept by a reservoir (<see cref="ReplayReservoir"/>); null for all. Left out of JSON then, so that runs begun without it keep their names.</summary>
    [Range(1, int.MaxValue)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ReplaySamples { get; init; }

    /// <summary>
    /// How much of the budget, in percent, the extension of an expert by a skill in other words may take. The rest is for an expert of their own, in
    /// case the extension would make the older skill worse and is refused.
    /// </summary>
    [Range(1, 100)]
    public int ExtensionPercent { get; init; } = 50;

    /// <summary>The rates of an extension, as a share of consolidation's: an expert that others rely on is moved with more care than a new one.</summary>
    [Range(0.01, 1.0)]
    public double ExtensionRate { get; init; } = 1;

    /// <summary>Share of the backbone's loss up to which an expert has learnt its skill whole, so that more data of that skill change nothing.</summary>
    [Range(0.0, 1.0)]
    public double LearntWhole { get; init; } = 0.02;

    /// <summary>What is replayed of a skill.</summary>
    /// <param name="skill">The skill's name.</param>
    /// <param name="samples">All that the expert has learnt it from.</param>
    public IReadOnlyList<TokenizedSample> ReplayOf(string skill, IReadOnlyList<TokenizedSample> samples) => ReplayReservoir.Keep(skill, samples, ReplaySamples, (ulong)Training.Seed);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        Rank.Validate();
        Training.Validate();
    }
}
