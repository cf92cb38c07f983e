using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Optimizer;

/// <summary>
/// Optimizer steps after growth in which every entry counts from its own birth. AdamW divides a mean by <c>1 - β^n</c>, where n counts
/// the weight's steps; for an entry that was born k steps ago this is too much faith in moments that are young, and its first update
/// would be <c>(1 - β₁) / √(1 - β₂)</c> times the rate: 3.16 times for 0.9 and 0.999. The update of new entries is therefore
/// multiplied by <c>(1 - β₁ⁿ) / (1 - β₁ᵏ) · √((1 - β₂ᵏ) / (1 - β₂ⁿ))</c>, which is what a counter of their own would give, and by their rate.
/// </summary>
public sealed class AgedStep : IDisposable
{
    private const double Negligible = 1e-4;

    private readonly TrainingStep _step;
    private readonly TrainingOptions _options;
    private readonly AgeRates _rates;
    private readonly List<Aged> _weights = [];
    private long _taken;

    /// <summary>Prepares the steps of a grown model whose optimizer has its moments already.</summary>
    /// <param name="step">The training of the grown model.</param>
    /// <param name="plan">How it grew.</param>
    /// <param name="options">What the training was made with.</param>
    /// <param name="rates">How fast weights learn by age; all alike when null.</param>
    public AgedStep(TrainingStep step, GrowthPlan plan, TrainingOptions options, AgeRates? rates = null)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        (_step, _options, _rates) = (step, options, rates ?? new AgeRates());
        Validator.ValidateObject(_rates, new ValidationContext(_rates), validateAllProperties: true);
        var memories = GrownMoments.Memories(step);
        foreach (var (name, parameter) in step.Parameters)
        {
            using var scope = NewDisposeScope();
            var fresh = plan.IsFresh(name);
            var count = fresh.sum().item<long>();
            var isWhole = count == parameter.numel();
            _weights.Add(new Aged(parameter, memories[name].Steps, isWhole, count > 0 && !isWhole ? fresh.to(parameter.device).DetachFromDisposeScope() : null));
        }
    }

    /// <summary>Steps since growth.</summary>
    public long Taken => _taken;

    /// <summary>Applies the gradient of the step under way, as <see cref="TrainingStep.Apply"/> does.</summary>
    /// <param name="rate">The rate, absolute.</param>
    public void Apply(double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _taken++;
        var changed = _weights.Select(weight => (Weight: weight, Factors: FactorsOf(weight)))
            .Where(pair => Math.Abs(pair.Factors.Old - 1) > Negligible || Math.Abs(pair.Factors.New - 1) > Negligible)
            .Select(pair => (pair.Weight.Parameter, Before: pair.Weight.Parameter.clone(), Factor: Factor(pair.Weight, pair.Factors)))
            .ToList();
        _step.Apply(rate);
        foreach (var (parameter, before, factor) in changed)
        {
            parameter.copy_(before + ((parameter - before) * factor));
        }
    }

    /// <summary>Frees what it keeps; the training stays.</summary>
    public void Dispose()
    {
        foreach (var weight in _weights)
        {
            weight.Fresh?.Dispose();
        }
    }

    private (double Old, double New) FactorsOf(Aged weight)
    {
        var young = _rates.NewIn(_taken);
        var old = weight.IsWhole ? young : _rates.OldIn(_taken);
        return (old, weight.Fresh is null ? old : young * Correction(_options, weight.StepsBefore + _taken, _taken));
    }

    /// <summary>What turns an update by a counter of <paramref name="steps"/> into one by a counter of <paramref name="age"/>.</summary>
    internal static double Correction(TrainingOptions options, long steps, long age) =>
        (1 - Math.Pow(options.Beta1, steps)) / (1 - Math.Pow(options.Beta1, age))
        * Math.Sqrt((1 - Math.Pow(options.Beta2, age)) / (1 - Math.Pow(options.Beta2, steps)));

    private static Tensor Factor(Aged weight, (double Old, double New) factors) => weight.Fresh is { } fresh
        ? (fresh.to_type(weight.Parameter.dtype) * (factors.New - factors.Old)) + factors.Old
        : tensor(factors.Old, weight.Parameter.dtype, weight.Parameter.device);

    private sealed record Aged(Parameter Parameter, long StepsBefore, bool IsWhole, Tensor? Fresh);
}
