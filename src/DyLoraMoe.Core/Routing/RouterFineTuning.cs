using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Corrects a fitted router by the language loss of the samples behind its features: rows of every skill alike, plus <c>λ KL(p_fitted ‖ p_now)</c> on all stored features, anchors
/// included, which no sample speaks for. Then rows are held back as after any fit. The same input gives the same router.
/// </summary>
/// <remarks>Shapes: B rows of one sample each, N prompts of all skills, n of a window, F features.</remarks>
public static class RouterFineTuning
{
    /// <summary>Tunes a router.</summary>
    /// <param name="model">The frozen backbone.</param>
    /// <param name="bank">The router's experts, in its order.</param>
    /// <param name="before">The router before the fit, which rows are held back against.</param>
    /// <param name="fitted">The router that was fitted; it stays as it is.</param>
    /// <param name="skills">What it was fitted on.</param>
    /// <param name="samples">The samples behind the features, in their order, by skill; skills without any, such as anchors, are held to where they are.</param>
    /// <param name="fit">How it was fitted.</param>
    /// <param name="options">Steps, rates and weights.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="ArgumentException">No skill of an expert has samples, or their number is not that of the features.</exception>
    public static RouterFit Run(
        CausalLanguageModel model,
        AdapterBank bank,
        DynamicHybridRouter before,
        DynamicHybridRouter fitted,
        IReadOnlyList<SkillFeatures> skills,
        IReadOnlyDictionary<string, IReadOnlyList<TokenizedSample>> samples,
        RouterTrainingOptions fit,
        RouterLanguageLossOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(skills);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(options);
        var spoken = skills.Where(skill => samples.ContainsKey(skill.Skill)).ToList();
        Check(spoken, samples);
        using var scope = NewDisposeScope();
        using var training = new RouterLanguageLoss(model, bank, fitted, options);
        using var problem = RouterProblem.Of(fitted, skills);
        var inputs = cat([.. skills.Select(skill => fitted.Tensors.Standardise(skill.Features))], 0);                  // (N, F); what the gate itself sees
        var all = spoken.SelectMany(skill => samples[skill.Skill]).ToArray();
        var features = cat([.. spoken.Select(skill => skill.Features)], 0);                                            // (N, F)
        var rows = new SkillWindows([.. spoken.Select(skill => skill.Features.shape[0])], options.Rows, options.Seed);
        var held = new SkillWindows(problem.Counts, fit.Window, options.Seed);
        var (loss, counted) = (0.0, Math.Max(1, options.Steps / 10));
        for (var step = 0; step < options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var each = NewDisposeScope();
            var taken = rows.Take();
            var window = held.Take();
            var batch = PackedBatch.Of(all, [.. taken.Select(row => new[] { (int)row })], taken.Max(row => all[row].Positions));
            var language = training.Step(batch, features.index_select(0, tensor(taken)), rows.Skills, hold: (gate, bias) => Held(problem, inputs, tensor(window), gate, bias) * fit.Distillation);
            loss += step >= options.Steps - counted ? language / counted : 0;
        }

        using var tuned = training.ToRouter();
        return RouterTraining.Held(before, tuned, skills, fit.HoldBack, options.Steps, loss);
    }

    private static Tensor Held(RouterProblem problem, Tensor inputs, Tensor window, Tensor gate, Tensor bias)
    {
        var scores = RouterGate.Scores(inputs.index_select(0, window), gate, bias);                                    // (n, F) -> (n, 1 + E)
        return problem.Past!.Divergence(window, RoutingLaw.LogProbabilities(scores, problem.Columns, problem.Temperature));
    }

    private static void Check(List<SkillFeatures> spoken, IReadOnlyDictionary<string, IReadOnlyList<TokenizedSample>> samples)
    {
        if (spoken.All(skill => skill.Owner == 0))
        {
            throw new ArgumentException("No skill of an expert has samples, so no language loss says anything about the router.", nameof(samples));
        }

        if (spoken.Find(skill => samples[skill.Skill].Count != skill.Features.shape[0]) is { } uneven)
        {
            throw new ArgumentException($"The skill '{uneven.Skill}' has {samples[uneven.Skill].Count} samples for features of {uneven.Features.shape[0]} prompts, expected one each.", nameof(samples));
        }
    }
}
