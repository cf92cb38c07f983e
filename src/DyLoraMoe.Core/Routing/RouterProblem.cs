using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>Stored features made ready for fitting: one matrix, owners, and what the router said before.</summary>
/// <param name="Inputs">Features of all skills, one after the other, in <paramref name="Coordinates"/>, (N, F) float32.</param>
/// <param name="Owners">Column that owns each prompt, (N) int64.</param>
/// <param name="Columns">Columns that take part: the backbone, those fitted before, those that own samples, (C) bool.</param>
/// <param name="ColumnCount">How many take part.</param>
/// <param name="Counts">Prompts of each skill.</param>
/// <param name="Maturity">Least maturity of the experts that take part.</param>
/// <param name="Temperature">The router's temperature.</param>
/// <param name="Past">What the router said before; null when it knew nothing.</param>
/// <param name="Coordinates">Where the gate is fitted.</param>
/// <param name="Gate">The router's gate there, (C, F).</param>
/// <param name="Bias">Its bias there, (C).</param>
internal sealed record RouterProblem(
    Tensor Inputs,
    Tensor Owners,
    Tensor Columns,
    int ColumnCount,
    IReadOnlyList<long> Counts,
    double Maturity,
    double Temperature,
    RouterPast? Past,
    GateCoordinates Coordinates,
    Tensor Gate,
    Tensor Bias) : IDisposable
{
    public static RouterProblem Of(DynamicHybridRouter router, IReadOnlyList<SkillFeatures> skills)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var takesPart = Enumerable.Range(0, router.Experts.Count + 1)
            .Select(owner => owner == 0 || router.Experts[owner - 1].IsFitted || skills.Any(skill => skill.Owner == owner)).ToArray();
        var standardised = skills.Select(skill => router.Tensors.Standardise(skill.Features)).ToList();
        var coordinates = GateCoordinates.Of(standardised);
        var (gate, bias) = coordinates.Enter(router.Tensors.Gate, router.Tensors.Bias);
        var inputs = Joined([.. standardised.Select(skill => Entered(coordinates, skill))]);                        // (N, F)
        var owners = skills.SelectMany(skill => Enumerable.Repeat((long)skill.Owner, (int)skill.Features.shape[0])).ToArray();
        var known = skills.SelectMany(skill => Enumerable.Repeat(RouterTraining.IsKnown(router, skill.Owner), (int)skill.Features.shape[0])).ToArray();
        var willTakePart = router.Experts.Where((_, index) => takesPart[index + 1]).Select(expert => expert with { IsFitted = true });
        return new RouterProblem(
            inputs.DetachFromDisposeScope(),
            tensor(owners).DetachFromDisposeScope(),
            tensor(takesPart).DetachFromDisposeScope(),
            takesPart.Count(takes => takes),
            [.. skills.Select(skill => skill.Features.shape[0])],
            RoutingMode.Of(willTakePart).Maturity,
            router.Options.Temperature,
            Array.Exists(known, isKnown => isKnown) ? RouterPast.Of(router, RouterGate.Scores(inputs, gate, bias), known) : null,
            coordinates,
            gate.DetachFromDisposeScope(),
            bias.DetachFromDisposeScope());
    }

    // Every skill's features at once are most of what a fit holds: what comes before the next form goes.
    private static Tensor Entered(GateCoordinates coordinates, Tensor standardised)
    {
        using (standardised)
        {
            using var entered = coordinates.Of(standardised);
            return entered.to_type(ScalarType.Float32);
        }
    }

    private static Tensor Joined(List<Tensor> parts)
    {
        var joined = cat(parts, 0);
        parts.ForEach(part => part.Dispose());
        return joined;
    }

    public void Dispose()
    {
        Inputs.Dispose();
        Owners.Dispose();
        Columns.Dispose();
        Past?.Dispose();
        Coordinates.Dispose();
        Gate.Dispose();
        Bias.Dispose();
    }
}

/// <summary>
/// What a router said before it was fitted again, about prompts of skills that it knew. Columns that are new have probability zero in
/// it, so a new expert cannot take a known prompt for free.
/// </summary>
/// <param name="Probabilities">p_old, (N, C); zero rows for prompts that it did not know.</param>
/// <param name="Information">Σ p_old log p_old, (N).</param>
internal sealed record RouterPast(Tensor Probabilities, Tensor Information) : IDisposable
{
    public static RouterPast Of(DynamicHybridRouter router, Tensor scores, bool[] isKnown)
    {
        using var scope = NewDisposeScope();
        var known = tensor(isKnown).to_type(ScalarType.Float32);
        var old = RoutingLaw.Probabilities(scores, router.FittedColumns, router.Options.Temperature) * known.unsqueeze(1);   // (N, C)
        return new RouterPast(
            old.DetachFromDisposeScope(),
            (old * old.clamp_min(1e-30).log()).sum(-1).DetachFromDisposeScope());
    }

    /// <summary>Mean KL(p_old ‖ p_new) over the window's known prompts times their share of the window.</summary>
    /// <param name="rows">The window, (n).</param>
    /// <param name="logs">log p_new, (n, C).</param>
    public Tensor Divergence(Tensor rows, Tensor logs)
    {
        // Where a column takes no part its logarithm is -∞ and p_old is zero; the product must be zero, not NaN.
        var finite = logs.masked_fill(logs.isinf(), 0);
        return (Information.index_select(0, rows) - (Probabilities.index_select(0, rows) * finite).sum(-1)).mean();
    }

    public void Dispose()
    {
        Probabilities.Dispose();
        Information.Dispose();
    }
}
