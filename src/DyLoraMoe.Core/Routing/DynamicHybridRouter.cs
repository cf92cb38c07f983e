using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Chooses experts for a prompt from the bare backbone's features: a linear gate <c>g = W x̂ + b</c> with one row per expert and row 0 for
/// the bare backbone. While an expert is immature all count by probability; once all are mature only the likeliest do; in between the
/// two are blended by the least maturity. Features never depend on adapters, so the same prompt is routed the same way for ever.
/// </summary>
/// <remarks>
/// Shapes: B prompts, F features, E experts. An instance never changes: every <c>With</c> makes another, and a server swaps it whole.
/// It works on the CPU in float64, so that rounding does not show which prompts came together.
/// </remarks>
public sealed class DynamicHybridRouter : IDisposable
{
    private readonly Tensor _isFitted;
    private readonly Lazy<string> _digest;

    internal DynamicHybridRouter(RouterIdentity identity, RouterOptions options, IReadOnlyList<RoutedExpert> experts, RouterTensors tensors)
    {
        RouterRules.Check(options, experts, tensors);
        Identity = identity;
        Options = options;
        Experts = experts;
        Tensors = tensors;
        Mode = RoutingMode.Of(experts);
        _isFitted = tensor([true, .. experts.Select(expert => expert.IsFitted)]).DetachFromDisposeScope();   // (1 + E)
        _digest = new Lazy<string>(() => RouterFolder.DigestOf(this));
    }

    /// <summary>The experts, in the order of the weights.</summary>
    public IReadOnlyList<RoutedExpert> Experts { get; }

    /// <summary>Temperature and top-k.</summary>
    public RouterOptions Options { get; }

    /// <summary>Which features and which backbone the router belongs to.</summary>
    public RouterIdentity Identity { get; }

    /// <summary>Dense, blended or sparse, and which expert holds it back.</summary>
    public RoutingMode Mode { get; }

    /// <summary>Number of features, F.</summary>
    public int Width => (int)Tensors.Mean.shape[0];

    /// <summary>A name for the content, <c>sha256:</c> and 64 hexadecimal digits: equal for routers that route alike.</summary>
    public string Digest => _digest.Value;

    internal RouterTensors Tensors { get; }

    internal Tensor FittedColumns => _isFitted;

    /// <summary>A router that knows the bare backbone only.</summary>
    /// <param name="identity">Which features and which backbone it belongs to.</param>
    /// <param name="scaling">Statistics of the features over anchor prompts; copied, and never changed later.</param>
    /// <param name="options">Temperature and top-k; the defaults when null.</param>
    public static DynamicHybridRouter Create(RouterIdentity identity, FeatureScaling scaling, RouterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(scaling);
        using var _ = no_grad();
        var features = scaling.Mean.shape[0];
        return new DynamicHybridRouter(identity, options ?? new RouterOptions(), [], new RouterTensors(
            zeros(1, features).DetachFromDisposeScope(),
            zeros(1).DetachFromDisposeScope(),
            RouterTensors.Own(scaling.Mean),
            RouterTensors.Own(scaling.Scale)));
    }

    /// <summary>How likely each prompt belongs to the bare backbone (column 0) and to each expert: softmax(g / T); zero for experts not fitted yet.</summary>
    /// <param name="features">Features of the prompts, (B, F).</param>
    /// <returns>(B, 1 + E) float32.</returns>
    public Tensor Probabilities(Tensor features)
    {
        using var scope = NewDisposeScope();
        return Exact(features).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Each prompt's own weights, as an <see cref="Adapters.AdapterBatch"/> takes them; what is missing to 1 is the bare backbone's.</summary>
    /// <param name="features">Features of the prompts, (B, F).</param>
    /// <returns>(B, E) float32.</returns>
    public Tensor Weights(Tensor features)
    {
        using var scope = NewDisposeScope();
        return RoutingLaw.Weights(Exact(features), Options.TopK, Mode.Maturity).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>How undecided the gate is about each prompt: the entropy of its probabilities, from 0 (certain) to 1 (no idea).</summary>
    /// <param name="features">Features of the prompts, (B, F).</param>
    /// <returns>(B) float32.</returns>
    public Tensor Entropy(Tensor features)
    {
        using var scope = NewDisposeScope();
        var fitted = 1 + Experts.Count(expert => expert.IsFitted);
        return RoutingLaw.Entropy(Exact(features), fitted).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>With one more expert, whose row is not fitted: it has no weight anywhere, so nothing changes for any prompt until training has seen it.</summary>
    /// <param name="name">Its name, new in this router.</param>
    /// <param name="maturity">Its maturity.</param>
    public DynamicHybridRouter WithExpert(string name, double maturity = 0)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return With([.. Experts, new RoutedExpert(name, maturity, IsFitted: false)], Tensors with
        {
            Gate = cat([Tensors.Gate, zeros(1, Width)], 0),   // (1 + E, F) -> (2 + E, F)
            Bias = cat([Tensors.Bias, zeros(1)], 0),          // (1 + E) -> (2 + E)
        });
    }

    /// <summary>Without an expert; what it had goes to the others in proportion.</summary>
    /// <param name="name">Its name.</param>
    public DynamicHybridRouter Without(string name)
    {
        var at = IndexOf(name);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var kept = tensor(Enumerable.Range(0, Experts.Count + 1).Where(row => row != at + 1).Select(row => (long)row).ToArray());
        return With([.. Experts.Where((_, index) => index != at)], Tensors with
        {
            Gate = Tensors.Gate.index_select(0, kept),
            Bias = Tensors.Bias.index_select(0, kept),
        });
    }

    /// <summary>With the maturities that experts of another router have there.</summary>
    /// <param name="experts">The experts of the other router; those that are not in this one count for nothing.</param>
    public DynamicHybridRouter WithMaturities(IReadOnlyList<RoutedExpert> experts) => With(
        [.. Experts.Select(expert => expert with { Maturity = experts.FirstOrDefault(other => other.Name == expert.Name)?.Maturity ?? expert.Maturity })], Tensors);

    /// <summary>With another maturity of one expert; the others keep theirs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="maturity">From 0 to 1, where 1 is mature.</param>
    public DynamicHybridRouter WithMaturity(string name, double maturity)
    {
        var at = IndexOf(name);
        return With([.. Experts.Select((expert, index) => index == at ? expert with { Maturity = maturity } : expert)], Tensors);
    }

    /// <summary>With another temperature or top-k.</summary>
    /// <param name="options">The new ones.</param>
    public DynamicHybridRouter WithOptions(RouterOptions options) => new(Identity, options, Experts, Tensors.Copy());

    /// <summary>Which of <see cref="Experts"/> has this name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public int IndexOf(string name)
    {
        for (var index = 0; index < Experts.Count; index++)
        {
            if (Experts[index].Name == name)
            {
                return index;
            }
        }

        throw new ArgumentException($"The router has no expert '{name}'; it has {(Experts.Count == 0 ? "none" : string.Join(", ", Experts.Select(expert => expert.Name)))}.", nameof(name));
    }

    /// <summary>Writes <c>router.safetensors</c>, which holds everything, and <c>router.json</c>, the same without the numbers for people. Each appears whole or not at all.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    public void Save(string folder) => RouterFolder.Save(folder, this);

    /// <summary>Loads a router and checks that it belongs to these features and this backbone, and that it is undamaged.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="identity">What it must belong to; not checked when null.</param>
    /// <exception cref="RouterMismatchException">It was fitted on other features or another backbone.</exception>
    /// <exception cref="Models.ModelFormatException">It is missing, damaged, or not a router.</exception>
    public static DynamicHybridRouter Load(string folder, RouterIdentity? identity = null) => RouterFolder.Load(folder, identity);

    /// <summary>Frees the gate.</summary>
    public void Dispose()
    {
        Tensors.Dispose();
        _isFitted.Dispose();
    }

    /// <summary>The same router with trained rows; tensors are copied.</summary>
    internal DynamicHybridRouter WithGate(Tensor gate, Tensor bias, Func<int, bool> isNowFitted) => With(
        [.. Experts.Select((expert, index) => expert with { IsFitted = expert.IsFitted || isNowFitted(index) })],
        Tensors with { Gate = gate, Bias = bias });

    private DynamicHybridRouter With(IReadOnlyList<RoutedExpert> experts, RouterTensors tensors) => new(Identity, Options, experts, tensors.Copy());

    /// <summary>The gate's scores in float64, (B, F) -> (B, 1 + E); minus infinity where a column is not fitted.</summary>
    internal Tensor Scores(Tensor features)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return RouterGate.Scores(Tensors.Standardise(features), Tensors.Gate, Tensors.Bias).masked_fill(_isFitted.logical_not(), double.NegativeInfinity).MoveToOuterDisposeScope();
    }

    private Tensor Exact(Tensor features)
    {
        using var scope = NewDisposeScope();
        return RoutingLaw.Probabilities(Scores(features), _isFitted, Options.Temperature).MoveToOuterDisposeScope();
    }
}
