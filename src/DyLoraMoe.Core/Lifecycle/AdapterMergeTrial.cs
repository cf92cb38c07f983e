using System.ComponentModel.DataAnnotations;
using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// Tries two experts as one: their exact union, cut to a rank, then a short distillation in which each skill's own expert teaches on
/// that skill's samples. It is accepted only when neither skill got worse than the budget. No weights of the union are right for every
/// pair (the sum where updates are orthogonal, the average where they agree, one expert where it serves both), so all are cut and
/// measured, and the best is distilled, unless it is good enough as it is.
/// </summary>
/// <param name="backbone">The frozen model.</param>
/// <param name="options">Rank, distillation and budget; the defaults when null.</param>
public sealed class AdapterMergeTrial(CausalLanguageModel backbone, AdapterMergeOptions? options = null)
{
    private readonly AdapterMergeOptions _options = options ?? new AdapterMergeOptions();
    private readonly LanguageModelEvaluator _evaluator = new(backbone);

    /// <summary>Runs the trial. The same input gives the same result, so an interrupted one is simply run again.</summary>
    /// <param name="one">One skill with its expert.</param>
    /// <param name="other">The other, of the same mode.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ArgumentException">The experts differ in mode, or a skill has no samples.</exception>
    public AdapterMergeResult Run(MergeSkill one, MergeSkill other, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
        var invocation = new Invocation(one.Expert.Config);
        MergeSkill[] skills = [.. new[] { one, other }.Select(skill => skill with { Train = invocation.Of(skill.Train), HeldOut = invocation.Of(skill.HeldOut) })];
        RequireSamples(skills);
        var similarity = AdapterUnion.Similarity(one.Expert, other.Expert);
        var own = skills.Select(skill => Result(skill, skill.Expert, cancellation)).ToList();
        var starts = Enum.GetValues<MergeStart>().Select(start => Begin(start, skills, cancellation)).ToList();
        var best = starts.MinBy(start => start.Loss)!;
        foreach (var start in starts.Where(start => start != best))
        {
            start.Cut.Adapter.Dispose();
        }

        var merged = best.Cut.Adapter;
        var isKept = false;
        try
        {
            var report = Compare(own, merged, skills, cancellation);
            var steps = report.IsAccepted ? 0 : _options.Steps;
            if (steps > 0)
            {
                Distil(merged, skills, cancellation);
                report = Compare(own, merged, skills, cancellation);
            }

            isKept = report.IsAccepted;
            var reason = string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Summary}; started from the {best.Start.ToString().ToLowerInvariant()} (similarity {similarity:0.00}, {100 * best.Cut.RelativeError:0.0} % of the union cut away at rank {Rank(skills)}), {steps} steps of distillation");
            return new AdapterMergeResult(
                isKept, isKept ? merged : null, best.Start, similarity, best.Cut.RelativeError, starts.ToDictionary(start => start.Start, start => start.Loss), steps, report, reason);
        }
        finally
        {
            if (!isKept)
            {
                merged.Dispose();
            }
        }
    }

    private RegressionReport Compare(IReadOnlyList<SkillResult> own, LoraAdapter merged, MergeSkill[] skills, CancellationToken cancellation) =>
        RegressionCheck.Compare(own, [.. skills.Select(skill => Result(skill, merged, cancellation))], _options.Budget);

    private Beginning Begin(MergeStart start, MergeSkill[] skills, CancellationToken cancellation)
    {
        var (first, second) = start switch
        {
            MergeStart.Sum => (1.0, 1.0),
            MergeStart.Average => (0.5, 0.5),
            MergeStart.First => (1.0, 0.0),
            MergeStart.Second => (0.0, 1.0),
            _ => throw new ArgumentOutOfRangeException(nameof(start), start, "There is no such starting point."),
        };
        using var union = AdapterUnion.Concatenate([(skills[0].Expert, first), (skills[1].Expert, second)]);
        var cut = AdapterUnion.Truncate(union, Rank(skills));
        return new Beginning(start, cut, skills.Average(skill => new EvaluationReport(Result(skill, cut.Adapter, cancellation).Losses).Loss));
    }

    private void Distil(LoraAdapter merged, MergeSkill[] skills, CancellationToken cancellation)
    {
        using var step = TrainingStep.OfExpert(backbone, merged, TrainingOptions.Expert);
        var sources = skills.Select((skill, index) => new SampleBatchSource(
            skill.Train, new BatchOptions { Rows = _options.Rows, RowLength = _options.Context, Seed = _options.Seed + (ulong)index })).ToArray();
        for (var taken = 0; taken < _options.Steps; taken++)
        {
            cancellation.ThrowIfCancellationRequested();

            // Each skill's mean counts the same, however long its answers are.
            foreach (var (source, skill) in sources.Zip(skills))
            {
                var batch = source.Next();
                step.Distil(batch, skill.Expert, (long)batch.LossTokens * skills.Length, _options.Labels);
            }

            var fall = (1 + Math.Cos(Math.PI * taken / _options.Steps)) / 2;
            step.Apply(_options.Rate * (0.1 + (0.9 * fall)));
        }
    }

    private SkillResult Result(MergeSkill skill, LoraAdapter adapter, CancellationToken cancellation) =>
        new(skill.Name, _evaluator.Evaluate(EvaluationSet.OfSamples(skill.HeldOut), adapter, cancellation).Samples);

    private int Rank(MergeSkill[] skills) => _options.Rank ?? skills.Max(skill => skill.Expert.Layers.Values.Max(layer => layer.Rank));

    private static void RequireSamples(MergeSkill[] skills)
    {
        foreach (var skill in skills)
        {
            if (skill.Train.Count == 0 || skill.HeldOut.Count == 0)
            {
                throw new ArgumentException($"The skill '{skill.Name}' has {skill.Train.Count} samples to distil on and {skill.HeldOut.Count} held out; a merge needs both.");
            }
        }
    }

    private sealed record Beginning(MergeStart Start, TruncatedAdapter Cut, double Loss);
}
