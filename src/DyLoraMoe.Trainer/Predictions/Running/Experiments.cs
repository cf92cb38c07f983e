using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Running;

/// <summary>The arms of every experiment, as docs/benchmarks/predictions.md registers them.</summary>
internal static class Experiments
{
    /// <summary>Prediction 1.</summary>
    public const string Rates = "rates";

    /// <summary>Prediction 2.</summary>
    public const string Generalization = "generalization";

    /// <summary>Prediction 3.</summary>
    public const string Context = "context";

    /// <summary>Prediction 4.</summary>
    public const string Dreams = "dreams";

    /// <summary>Prediction 5.</summary>
    public const string Scales = "scales";

    /// <summary>Nats a token of held-out answers at which arms of <see cref="Context"/> are compared.</summary>
    public const double MatchedLoss = 0.8;

    /// <summary>Share of the tokens that each of the many runs of <see cref="Scales"/> has.</summary>
    public const double ScaleBudget = 0.5;

    /// <summary>Names of all.</summary>
    public static IReadOnlyList<string> All { get; } = [Rates, Generalization, Context, Dreams, Scales];

    /// <summary>Rates that prediction 1 compares.</summary>
    public static IReadOnlyList<double> RateGrid { get; } = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3];

    /// <summary>Rates that the others are tuned over, from <see cref="UsualRate"/> on.</summary>
    public static IReadOnlyList<double> RateLadder { get; } = [.. RateGrid, 1e-2, 3e-2, 1e-1];

    /// <summary>Where tuning begins; what is taken where nothing is tuned.</summary>
    public const double UsualRate = 1e-3;

    /// <summary>The mechanisms, each alone.</summary>
    public static IReadOnlyList<Mechanisms> Single { get; } =
        [Mechanisms.Apollo, Mechanisms.FrozenContext, Mechanisms.Diversity, Mechanisms.GuardedSteps, Mechanisms.TwoStage, Mechanisms.Dreams];

    /// <summary>The half of the factorial whose cells have an even number of mechanisms on (I = ABCDEF): main effects and pairs are not mixed up with each other.</summary>
    public static IReadOnlyList<Mechanisms> HalfFraction { get; } =
        [.. Enumerable.Range(0, 64).Where(cell => int.PopCount(cell) % 2 == 0).Select(cell => (Mechanisms)cell)];

    /// <summary>The arms of an experiment.</summary>
    /// <param name="experiment">Its name.</param>
    public static IReadOnlyList<TrialArm> Of(string experiment) => experiment switch
    {
        Rates => [.. RateGrid.SelectMany(rate => (TrialArm[])[
            Arm(Rates, $"diverse {rate:0e-0}") with { Rate = rate },
            Arm(Rates, $"narrow {rate:0e-0}", options => options with { Mechanisms = Mechanisms.None }) with { Rate = rate }])],
        Generalization => [Arm(Generalization, "taught"), Arm(Generalization, "shuffled", options => options with { IsShuffled = true })],
        Context =>
        [
            Matched("whole text", options => options with { Loss = LossOn.Everything }),
            Matched("answer", options => options),
            Matched("detached context", options => options with { Gradient = GradientScope.DetachedContext }),
            Matched("detached context, queries", options => options with { Gradient = GradientScope.DetachedContextQueries }),
            Matched("activated adapter", options => options with { IsActivatedAdapter = true }),
        ],
        Dreams =>
        [
            Arm(Dreams, "real only", options => options with { Budget = 0.875 }),
            Arm(Dreams, "real upsampled"),
            Arm(Dreams, "unfiltered dreams", options => options with { Dreams = DreamSource.Unfiltered }),
            Arm(Dreams, "filtered dreams", options => options with { Dreams = DreamSource.Filtered }),
            Arm(Dreams, "filtered, without the graph", options => options with { Dreams = DreamSource.FilteredWithoutGraph }),
            Arm(Dreams, "oracle", options => options with { Dreams = DreamSource.Oracle }),
        ],
        Scales =>
        [
            .. HalfFraction.Concat(Single).Select(cell => Scale(cell, isStressed: true)),
            .. Single.Prepend(Mechanisms.None).Append(Mechanisms.All).Select(cell => Scale(cell, isStressed: false)),
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(experiment), experiment, $"Expected one of {string.Join(", ", All)}."),
    };

    /// <summary>Name of a cell of the factorial.</summary>
    /// <param name="cell">What is on.</param>
    /// <param name="isStressed">Whether things go wrong in it.</param>
    public static string NameOf(Mechanisms cell, bool isStressed) => $"{(isStressed ? "stressed" : "quiet")}, {Title(cell)}";

    /// <summary>What is on, in words.</summary>
    /// <param name="cell">What is on.</param>
    public static string Title(Mechanisms cell) => cell switch
    {
        Mechanisms.None => "nothing on",
        Mechanisms.All => "all on",
        _ => string.Join(" + ", Single.Where(one => cell.HasFlag(one)).Select(one => one switch
        {
            Mechanisms.Apollo => "apollo",
            Mechanisms.FrozenContext => "context",
            Mechanisms.Diversity => "diversity",
            Mechanisms.GuardedSteps => "guarded steps",
            Mechanisms.TwoStage => "two-stage",
            _ => "dreams",
        })),
    };

    private static TrialArm Scale(Mechanisms cell, bool isStressed) => Tuned(Options(Scales, NameOf(cell, isStressed)) with { Mechanisms = cell, IsMixed = false, IsStressed = isStressed, Budget = ScaleBudget });

    // Tuned over the whole budget: the end is not yet known.
    private static TrialArm Matched(string name, Func<TrialOptions, TrialOptions> change)
    {
        var options = change(Options(Context, name));
        return Tuned(options) with { Options = options with { Until = MatchedLoss } };
    }

    private static TrialArm Arm(string experiment, string name, Func<TrialOptions, TrialOptions>? change = null) =>
        change is null
            ? new TrialArm { Options = Options(experiment, name), TunedAs = "diverse", Tuning = Options("tuning", "diverse") }
            : Tuned(change(Options(experiment, name)));

    private static TrialArm Tuned(TrialOptions options) => new() { Options = options, TunedAs = options.Arm, Tuning = options };

    private static TrialOptions Options(string experiment, string name) => new() { Experiment = experiment, Arm = name, Run = 0, Rate = 0 };
}

/// <summary>An arm, and how its rate is found.</summary>
internal sealed record TrialArm
{
    /// <summary>What it does; run and rate are filled in.</summary>
    public required TrialOptions Options { get; init; }

    /// <summary>Its rate, where it is a part of the arm; null where it is tuned.</summary>
    public double? Rate { get; init; }

    /// <summary>Arms of one name share a tuned rate.</summary>
    public required string TunedAs { get; init; }

    /// <summary>What is run to tune it.</summary>
    public required TrialOptions Tuning { get; init; }
}
