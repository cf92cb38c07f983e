using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>Which rank an expert should have, and why.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Difficulty">Share of the backbone's loss that the base rank leaves after seeding, 0 to 1; null before seeding.</param>
/// <param name="Reason">For people.</param>
public sealed record RankDecision(int Rank, double? Difficulty, string Reason);

/// <summary>
/// Rank by difficulty: every expert starts at the base rank, and after seeding grows by doublings with the share of the backbone's
/// loss that is left on its own training data, up to the largest rank. <c>LoraAdapter.Grow</c> does so without changing the function.
/// </summary>
/// <remarks>
/// The backbone's loss before training says little about rank: it is as high for a rule that a rank of 8 learns whole as for one
/// that it cannot. And a held-out loss that is high while the training loss is low asks for more data, not for more rank.
/// </remarks>
public sealed record RankPolicy
{
    /// <summary>The rank to start with. The default, 8, is PEFT's, and learns most single skills whole.</summary>
    [Range(1, 4096)]
    public int BaseRank { get; init; } = 8;

    /// <summary>The largest rank; the default is four times the base. Every expert costs memory in proportion, served or not.</summary>
    [Range(1, 4096)]
    public int LargestRank { get; init; } = 32;

    /// <summary>Share of the loss left up to which the base rank is enough.</summary>
    [Range(0.0, 1.0)]
    public double EasyUpTo { get; init; } = 0.25;

    /// <summary>Share of the loss left from which the largest rank is taken.</summary>
    [Range(0.0, 1.0)]
    public double HardFrom { get; init; } = 0.75;

    /// <summary>Checks every value, and that they fit together.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (BaseRank > LargestRank || EasyUpTo >= HardFrom)
        {
            throw new ValidationException($"Expected BaseRank {BaseRank} at most LargestRank {LargestRank}, and EasyUpTo {EasyUpTo} below HardFrom {HardFrom}.");
        }
    }

    /// <summary>The rank of a new expert.</summary>
    public RankDecision Start()
    {
        Validate();
        return new RankDecision(BaseRank, null, $"a new expert starts at the base rank {BaseRank}; difficulty is known after seeding");
    }

    /// <summary>The rank after seeding; never below the present one.</summary>
    /// <param name="rank">The present rank.</param>
    /// <param name="backboneLoss">Loss of the bare backbone on the skill, in nats per token.</param>
    /// <param name="heldOutLoss">The expert's held-out loss after seeding.</param>
    /// <param name="trainingLoss">The expert's smoothed training loss after seeding; null when unknown.</param>
    public RankDecision AfterSeeding(int rank, double backboneLoss, double heldOutLoss, double? trainingLoss = null)
    {
        Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        if (!double.IsFinite(backboneLoss) || !double.IsFinite(heldOutLoss) || !double.IsFinite(trainingLoss ?? 0) || backboneLoss <= 0)
        {
            throw new ArgumentException($"The losses are {backboneLoss} (backbone), {heldOutLoss} (held-out) and {trainingLoss} (training); expected finite ones, the backbone's above 0.", nameof(backboneLoss));
        }

        var (left, isOverfit) = (Math.Min(heldOutLoss, trainingLoss ?? heldOutLoss), trainingLoss < heldOutLoss);
        var difficulty = Math.Clamp(left / backboneLoss, 0, 1);
        var place = Math.Clamp((difficulty - EasyUpTo) / (HardFrom - EasyUpTo), 0, 1);
        var doublings = (int)Math.Ceiling(Math.Log2((double)LargestRank / BaseRank) * place);
        var wanted = (int)Math.Max(rank, Math.Min(LargestRank, (long)BaseRank << doublings));
        var figures = string.Create(CultureInfo.InvariantCulture, $"{100 * difficulty:0} % of the backbone's {backboneLoss:0.0000} nats/token are left {(isOverfit ? "on training data" : "on held-out data")} after seeding");
        var reason = wanted > rank ? $"{figures}: rank grows from {rank} to {wanted}"
            : rank >= LargestRank && place > 0 ? $"{figures}, but {rank} is the largest rank ({LargestRank}) already"
            : $"{figures}: rank {rank} is enough";
        return new RankDecision(wanted, difficulty, reason);
    }
}
