using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Fits a router's gate on stored features, in whitened coordinates: cross entropy with the owner, the same number of prompts from every skill, plus
/// <c>λ KL(p_old ‖ p_new)</c> on the skills it already knew, which holds it to its past, and a load-balancing term while experts are
/// immature. Features are frozen vectors, so refitting on all skills ever seen takes seconds. Rows are held back from held-out prompts of
/// other skills. The same input gives the same router.
/// </summary>
/// <remarks>Shapes: N prompts of all skills, n of a window, F features, C columns (the bare backbone and E experts).</remarks>
public static class RouterTraining
{
    /// <summary>Fits every row whose expert has samples, starting from the rows as they are.</summary>
    /// <param name="router">The router to start from; it stays as it is.</param>
    /// <param name="skills">Features of every skill so far, anchors included.</param>
    /// <param name="options">Steps, rates and weights; the defaults when null.</param>
    /// <param name="progress">Told the steps taken; may be null.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="ArgumentException">A skill has no samples, an unknown owner or other features, or one that was fitted before is missing.</exception>
    public static RouterFit Fit(
        DynamicHybridRouter router,
        IReadOnlyList<SkillFeatures> skills,
        RouterTrainingOptions? options = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(skills);
        options ??= new RouterTrainingOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Check(router, skills, options);

        using var scope = NewDisposeScope();
        using var problem = RouterProblem.Of(router, skills);
        var gate = new Parameter(RouterTensors.Own(problem.Gate));
        var bias = new Parameter(RouterTensors.Own(problem.Bias));
        var loss = Descend(problem, gate, bias, options, progress, cancellationToken);
        var (rows, offsets) = problem.Coordinates.Leave(gate.detach(), bias.detach());
        using var trained = router.WithGate(rows, offsets, index => skills.Any(skill => skill.Owner == index + 1));
        gate.Dispose();
        bias.Dispose();
        return Held(router, trained, skills, options.HoldBack, options.Steps, loss);
    }

    /// <summary>How well a router routes as it is.</summary>
    /// <param name="router">The router.</param>
    /// <param name="skills">Features of every skill, anchors included.</param>
    public static RouterTrainingReport Measure(DynamicHybridRouter router, IReadOnlyList<SkillFeatures> skills)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(skills);
        Check(router, skills, new RouterTrainingOptions { RequireEverySkill = false });
        return new RouterTrainingReport(0, double.NaN, [.. skills.Select(skill => Measure(router, router, skill))], Divergence(router, router, skills));
    }

    /// <summary>A trained router with its rows held back, and how well it routes.</summary>
    internal static RouterFit Held(DynamicHybridRouter before, DynamicHybridRouter trained, IReadOnlyList<SkillFeatures> skills, double holdBack, int steps, double loss)
    {
        var fitted = trained.WithGate(trained.Tensors.Gate, RowRestraint.Of(before, trained, skills, holdBack), _ => false);
        return new RouterFit(fitted, new RouterTrainingReport(steps, loss, [.. skills.Select(skill => Measure(before, fitted, skill))], Divergence(before, fitted, skills)));
    }

    private static double Descend(RouterProblem problem, Parameter gate, Parameter bias, RouterTrainingOptions options, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var group = new Adam.ParamGroup([gate, bias], new Adam.Options { LearningRate = options.Rate });
        using var optimizer = new Adam([group]);
        var windows = new SkillWindows(problem.Counts, options.Window, options.Seed);
        var balance = options.Balance * (1 - problem.Maturity);
        var last = zeros(1).DetachFromDisposeScope();
        var counted = Math.Max(1, options.Steps / 10);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            group.LearningRate = options.Rate * 0.5 * (1 + Math.Cos(Math.PI * step / options.Steps));
            var rows = tensor(windows.Take());                                                                     // (n)
            var scores = RouterGate.Scores(problem.Inputs.index_select(0, rows), gate, bias);                      // (n, F) -> (n, C)
            var logs = RoutingLaw.LogProbabilities(scores, problem.Columns, problem.Temperature);                  // (n, C)
            var entropy = logs.gather(1, problem.Owners.index_select(0, rows).unsqueeze(1)).mean().neg();
            var loss = entropy + (gate.square().sum() * (options.L2 / 2));
            if (problem.Past is { } past && options.Distillation > 0)
            {
                loss = loss + (past.Divergence(rows, logs) * options.Distillation);
            }

            if (balance > 0)
            {
                loss = loss + (LoadBalance.Of(logs.exp(), windows.Skills, problem.ColumnCount) * balance);
            }

            gate.grad = null;
            bias.grad = null;
            loss.backward();
            optimizer.step();
            if (step >= options.Steps - counted)
            {
                last.add_(entropy.detach());
            }

            progress?.Report(step + 1);
        }

        using (last)
        {
            return last.item<float>() / counted;
        }
    }

    private static SkillRouting Measure(DynamicHybridRouter before, DynamicHybridRouter after, SkillFeatures skill)
    {
        var features = skill.HeldOut ?? skill.Features;
        return new SkillRouting(
            skill.Skill,
            skill.Owner == 0 ? null : after.Experts[skill.Owner - 1].Name,
            features.shape[0],
            skill.HeldOut is not null,
            Accuracy(after, features, skill.Owner),
            IsKnown(before, skill.Owner) ? Accuracy(before, features, skill.Owner) : null,
            skill.Owner > 0 && IsKnown(before, skill.Owner) ? Taken(before, after, features, skill.Owner) : 0);
    }

    private static double Accuracy(DynamicHybridRouter router, Tensor features, int owner)
    {
        using var scope = NewDisposeScope();
        return router.Probabilities(features).argmax(-1).eq(owner).to_type(ScalarType.Float64).mean().item<double>();
    }

    private static int Taken(DynamicHybridRouter before, DynamicHybridRouter after, Tensor features, int owner)
    {
        using var scope = NewDisposeScope();
        var (then, now) = (before.Probabilities(features).argmax(-1).data<long>().ToArray(), after.Probabilities(features).argmax(-1).data<long>().ToArray());
        return then.Zip(now).Count(pair => pair.First == owner && pair.Second > 0 && pair.Second != owner);
    }

    private static double? Divergence(DynamicHybridRouter before, DynamicHybridRouter after, IReadOnlyList<SkillFeatures> skills)
    {
        var known = skills.Where(skill => IsKnown(before, skill.Owner)).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var features = cat([.. known.Select(skill => skill.HeldOut ?? skill.Features)], 0);
        var (old, now) = (before.Probabilities(features).to_type(ScalarType.Float64), after.Probabilities(features).to_type(ScalarType.Float64));
        return (old * (old.clamp_min(1e-30).log() - now.clamp_min(1e-30).log())).sum(-1).mean().item<double>();
    }

    /// <summary>Whether the router was fitted for a column. The backbone's row counts from the first expert on.</summary>
    internal static bool IsKnown(DynamicHybridRouter router, int owner) =>
        owner == 0 ? router.Experts.Any(expert => expert.IsFitted) : router.Experts[owner - 1].IsFitted;

    private static void Check(DynamicHybridRouter router, IReadOnlyList<SkillFeatures> skills, RouterTrainingOptions options)
    {
        if (skills.Count == 0)
        {
            throw new ArgumentException("There are no skills to fit the router on.", nameof(skills));
        }

        foreach (var skill in skills)
        {
            if (skill.Owner < 0 || skill.Owner > router.Experts.Count)
            {
                throw new ArgumentException($"Skill '{skill.Skill}' is owned by column {skill.Owner}, expected 0 (the backbone) to {router.Experts.Count}.", nameof(skills));
            }

            foreach (var features in new[] { skill.Features, skill.HeldOut })
            {
                if (features is not null && (features.dim() != 2 || features.shape[0] == 0 || features.shape[1] != router.Width))
                {
                    throw new ArgumentException($"Skill '{skill.Skill}' has features of shape [{string.Join(", ", features.shape)}], expected (at least one prompt, {router.Width}).", nameof(skills));
                }
            }
        }

        var missing = Enumerable.Range(0, router.Experts.Count + 1).Where(owner => IsKnown(router, owner) && skills.All(skill => skill.Owner != owner)).ToList();
        if (options.RequireEverySkill && missing.Count > 0)
        {
            var names = missing.Select(owner => owner == 0 ? "the backbone (anchor prompts)" : $"'{router.Experts[owner - 1].Name}'");
            throw new ArgumentException($"There are no features of {string.Join(", ", names)}, which the router knows and would forget; hand in the stored features of every skill.", nameof(skills));
        }
    }
}
