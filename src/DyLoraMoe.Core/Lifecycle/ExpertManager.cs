using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// Makes experts and trains them on: a probe at the high rate decides mode and rank, then seeding goes on until it gains no more, then
/// the low rate consolidates, with replay where the expert knows something already. A run that was interrupted goes on.
/// </summary>
/// <param name="backbone">The frozen model.</param>
/// <param name="policy">Rank, mode, rates and budgets.</param>
public sealed class ExpertManager(CausalLanguageModel backbone, ExpertPolicy policy)
{
    // Weights that are warm already need AdamW's moments and nothing else.
    private const int RewarmSteps = 5;

    private const int MostAnchors = 64;

    /// <summary>Makes a new expert and takes its first steps, by which its mode is chosen.</summary>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">Samples to choose by; not empty.</param>
    /// <param name="settings">How the runs are watched and saved; each run gets a checkpoint folder of its own below the one given.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public ProbedExpert Probe(IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut, RunSettings settings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        policy.Validate();
        var data = TrainingData.OfSamples(train, heldOut);
        var start = policy.Rank.Start();
        var config = policy.Adapter with { Rank = start.Rank, Alpha = policy.Adapter.Alpha / policy.Adapter.Rank * start.Rank };
        var choice = new ModeChoice(backbone, data, policy.Mode).Choose(config, policy.Training.Seed, ProbeOptions(), Below(settings, "probe"), cancellation);
        if (choice.Trial is { } trial)
        {
            return new ProbedExpert(choice.Adapter, trial, choice.Reason, choice.FullLoss, choice.ActivatedLoss, choice.Tokens, choice.HandOver!);
        }

        return Probed(choice.Adapter, data, choice.Reason, Below(settings, "probe"), cancellation);
    }

    /// <summary>Takes the same first steps from an expert that may know something similar.</summary>
    /// <param name="relative">The expert; stays as it is.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">Samples to choose by; not empty.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <returns>A copy of the expert after those steps, which can be trained on as one that was made from nothing.</returns>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public ProbedExpert ProbeFrom(
        LoraAdapter relative, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut, RunSettings settings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(relative);
        ArgumentNullException.ThrowIfNull(settings);
        return Probed(relative.CopyTo(backbone.Device), TrainingData.OfSamples(train, heldOut), "that of the expert it starts from", Below(settings, "relative"), cancellation);
    }

    /// <summary>
    /// Whether a new expert had better start from another one's weights than from nothing: it is of the same shape, and after the same steps it is ahead by
    /// <see cref="ExpertPolicy.LeastLead"/> of the backbone's loss.
    /// </summary>
    /// <param name="fresh">The probe from nothing.</param>
    /// <param name="warm">The probe from the other expert.</param>
    public bool StartsBetter(ProbedExpert fresh, ProbedExpert warm)
    {
        ArgumentNullException.ThrowIfNull(fresh);
        ArgumentNullException.ThrowIfNull(warm);
        var (nothing, other) = (fresh.Adapter.Config, warm.Adapter.Config);
        var isAlike = nothing.Mode == other.Mode && other.Rank >= nothing.Rank && other.Rank <= policy.Rank.LargestRank
            && fresh.Adapter.Layers.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(warm.Adapter.Layers.Keys);
        var lead = (fresh.Report.FinalLoss!.Value - warm.Report.FinalLoss!.Value) / fresh.Report.BaselineLoss!.Value;
        return isAlike && lead >= policy.LeastLead;
    }

    /// <summary>Trains a new expert on from its probe, which was seeding's first part: the rest of seeding, rank by what that left, consolidation.</summary>
    /// <param name="probed">The probe; its adapter goes over to the result, the rest is freed.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">Samples to choose by; not empty.</param>
    /// <param name="spent">Tokens of the budget that are used up, probes included.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public TrainedExpert Train(
        ProbedExpert probed, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut, long spent, RunSettings settings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(probed);
        ArgumentNullException.ThrowIfNull(settings);
        var (adapter, bare) = (probed.Adapter, probed.Report.BaselineLoss!.Value);
        try
        {
            using var start = probed.HandOver;
            var data = TrainingData.OfSamples(train, heldOut);
            using var wanted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var seeding = Below(settings, "main");
            var limit = new RankLimit(policy.Rank, adapter.Config.Rank, bare, wanted, seeding.CheckpointFolder);
            var first = Run(adapter, data, Rest(probed.Report, spent, warmUp: 0), seeding with { Progress = [limit, .. seeding.Progress] }, wanted.Token, cancellation, start);
            if (limit.Decision is not { } rank || rank.Rank == adapter.Config.Rank)
            {
                return new TrainedExpert(adapter, [probed.Report, first], limit.Decision?.Reason ?? $"the loss still fell at the end of seeding: rank {adapter.Config.Rank} holds nothing back");
            }

            var grown = adapter.Grow(rank.Rank, policy.Training.Seed + 1);
            adapter.Dispose();
            adapter = grown;
            var second = Run(adapter, data, Rest(probed.Report, spent + first.Tokens, RewarmSteps, first.Steps), Below(settings, "grown"), cancellation);
            return new TrainedExpert(adapter, [probed.Report, first, second], rank.Reason);
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Trains a copy of an expert on with new data at the low rate, with replay of what it knows.</summary>
    /// <param name="expert">The expert; stays as it is.</param>
    /// <param name="train">The new samples.</param>
    /// <param name="known">Samples that it has learnt from before; one list a skill.</param>
    /// <param name="heldOut">Samples to choose by, of old and new data together.</param>
    /// <param name="canaries">Some held-out samples of each skill that must not get worse; none to watch none.</param>
    /// <param name="spent">Tokens of the budget that are used up already.</param>
    /// <param name="budgetPercent">How much of the rest it may take.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public TrainedExpert Extend(
        LoraAdapter expert,
        IReadOnlyList<TokenizedSample> train,
        IReadOnlyList<IReadOnlyList<TokenizedSample>> known,
        IReadOnlyList<TokenizedSample> heldOut,
        IReadOnlyList<Canary> canaries,
        long spent,
        int budgetPercent,
        RunSettings settings,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentNullException.ThrowIfNull(settings);
        policy.Validate();
        var rate = policy.ExtensionRate;
        var options = policy.Training with
        {
            MaxSteps = policy.Training.MaxSteps is { } steps ? Math.Max(1, steps * budgetPercent / 100) : null,
            MaxTokens = policy.Training.MaxTokens is { } tokens ? Math.Max(1, (tokens - spent) * budgetPercent / 100) : null,
            Consolidation = policy.Training.Consolidation with { Rate = rate * policy.Training.Consolidation.Rate, FinalRate = rate * policy.Training.Consolidation.FinalRate },
        };
        var adapter = expert.CopyTo(backbone.Device);
        try
        {
            var data = TrainingData.OfReplay(train, known, policy.ReplayPercent, heldOut) with { Anchors = AnchorsOf([train, .. known]), Canaries = canaries };
            var report = Run(adapter, data, options.ConsolidationOnly(RewarmSteps), Below(settings, "extension"), cancellation);
            return new TrainedExpert(adapter, [report], "an expert keeps its rank when it is extended");
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Has a copy of an expert go over what it knows again at the low rate, every skill alike, with dreams as a share of it.</summary>
    /// <param name="expert">The expert; stays as it is.</param>
    /// <param name="known">Samples that it has learnt from; one list a skill, at least one.</param>
    /// <param name="dreams">Samples that were made up; may be none. They are added to <paramref name="known"/> and take the place of none.</param>
    /// <param name="mostDreams">Most of the tokens that are dreams, in percent, 1 to 99. They are fewer where a dream would be seen more often than any real sample.</param>
    /// <param name="heldOut">Samples to choose by.</param>
    /// <param name="most">Most time that the training takes; null for any.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public TrainedExpert Consolidate(
        LoraAdapter expert,
        IReadOnlyList<IReadOnlyList<TokenizedSample>> known,
        IReadOnlyList<TokenizedSample> dreams,
        int mostDreams,
        IReadOnlyList<TokenizedSample> heldOut,
        TimeSpan? most,
        RunSettings settings,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(dreams);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfZero(known.Count);
        policy.Validate();
        var data = dreams.Count > 0
            ? TrainingData.OfParts(PartsOf(known, dreams, mostDreams), heldOut)
            : TrainingData.OfReplay(known[0], [.. known.Skip(1)], 100 * (known.Count - 1) / known.Count, heldOut);
        var adapter = expert.CopyTo(backbone.Device);
        try
        {
            using var enough = new CancellationTokenSource();
            var watched = Below(settings, "consolidation") with
            {
                Enough = enough.Token,
                Progress = most is { } time ? [new TimeLimit(time, enough), .. settings.Progress] : settings.Progress,
            };
            var report = Run(adapter, data with { Anchors = AnchorsOf(known) }, policy.Training.ConsolidationOnly(RewarmSteps), watched, cancellation);
            return new TrainedExpert(adapter, [report], "an expert keeps its rank when it is consolidated");
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Dreams beside what is known, every skill with the same share of the other tokens.</summary>
    /// <param name="known">Samples that were learnt from; one list a skill, at least one.</param>
    /// <param name="dreams">Dreams; at least one.</param>
    /// <param name="most">Most of the tokens that are dreams, in percent.</param>
    /// <returns>The dreams first. Their share is what lets each be seen as often as a sample of the skill that has the most tokens, which are seen least often.</returns>
    internal static IReadOnlyList<MixPart> PartsOf(IReadOnlyList<IReadOnlyList<TokenizedSample>> known, IReadOnlyList<TokenizedSample> dreams, double most)
    {
        var ratio = (double)Tokens(dreams) / (known.Count * known.Max(Tokens));
        var share = Math.Min(most, 100 * ratio / (1 + ratio));
        return [new MixPart(dreams, share), .. known.Select(skill => new MixPart(skill, (100 - share) / known.Count))];

        static long Tokens(IReadOnlyList<TokenizedSample> samples) => samples.Sum(sample => (long)sample.Positions);
    }

    private ProbedExpert Probed(LoraAdapter adapter, TrainingData data, string modeReason, RunSettings settings, CancellationToken cancellation)
    {
        try
        {
            using var run = TrainingRun.OfExpert(backbone, adapter, data, ProbeOptions(), settings);
            var report = run.Run(cancellation);
            cancellation.ThrowIfCancellationRequested();
            return new ProbedExpert(adapter, report, modeReason, null, null, report.Tokens, run.HandOver());
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    // What drift is measured on: some of each skill, since it is asked several times a run.
    private static IReadOnlyList<TokenizedSample> AnchorsOf(IReadOnlyList<IReadOnlyList<TokenizedSample>> known) =>
        [.. known.SelectMany(skill => skill.Take(Math.Max(1, MostAnchors / known.Count)))];

    private TrainingReport Run(LoraAdapter adapter, TrainingData data, TrainingOptions options, RunSettings settings, CancellationToken cancellation) =>
        Run(adapter, data, options, settings, cancellation, cancellation);

    // A run may be ended by its own means or by the caller; only the latter is an interruption.
    private TrainingReport Run(
        LoraAdapter adapter, TrainingData data, TrainingOptions options, RunSettings settings, CancellationToken stop, CancellationToken cancellation, RunHandover? after = null)
    {
        using var run = TrainingRun.OfExpert(backbone, adapter, data, options, settings, after);
        var report = run.Run(stop);
        cancellation.ThrowIfCancellationRequested();
        return report;
    }

    private TrainingOptions ProbeOptions()
    {
        var options = policy.Training;
        var (steps, tokens) = (ProbePart(options.MaxSteps), ProbePart(options.MaxTokens));
        var expected = Math.Min(steps ?? long.MaxValue, tokens is { } most ? most / ((long)options.Rows * options.Context * options.Accumulation) : long.MaxValue);
        return options with
        {
            MaxSteps = steps,
            MaxTokens = tokens,

            // What goes on from here needs the weights that AdamW's moments belong to.
            KeepBest = false,
            Seeding = options.Seeding with
            {
                // A probe that is all warm-up would show nothing.
                WarmUpSteps = (int)Math.Min(options.Seeding.WarmUpSteps, Math.Max(1, expected / 4)),
                MaxSteps = int.MaxValue,
                MaxTokens = null,
                PlateauPatience = null,
            },
        };
    }

    // What the probes and runs before left of the whole budget, and of seeding's part of it.
    private TrainingOptions Rest(TrainingReport probe, long spent, int warmUp, int steps = 0)
    {
        var options = policy.Training;
        var probes = policy.Mode.Mode == ModeRequest.Auto ? 2 : 1;
        return options with
        {
            MaxSteps = options.MaxSteps is { } all ? Math.Max(1, all - steps - (probes * ProbePart(all)!.Value)) : null,
            MaxTokens = options.MaxTokens is { } tokens ? Math.Max(1, tokens - spent) : null,
            Seeding = options.Seeding with
            {
                WarmUpSteps = Math.Min(options.Seeding.WarmUpSteps, warmUp),
                MaxSteps = options.Seeding.MaxSteps is { } seeding ? Math.Max(1, seeding - probe.Steps) : null,
                MaxTokens = options.Seeding.MaxTokens is { } own ? Math.Max(1, own - probe.Tokens) : null,
            },
        };
    }

    private int? ProbePart(int? steps) => steps is { } whole ? Math.Max(1, whole * policy.ProbePercent / 100) : null;

    private long? ProbePart(long? tokens) => tokens is { } whole ? Math.Max(1, whole * policy.ProbePercent / 100) : null;

    private static RunSettings Below(RunSettings settings, string name) =>
        settings.CheckpointFolder is { } folder ? settings with { CheckpointFolder = Path.Combine(folder, name) } : settings;
}

/// <summary>A new expert after its first steps.</summary>
/// <param name="Adapter">The expert so far; the caller's.</param>
/// <param name="Report">The probe of the chosen mode. Its baseline is the bare backbone's loss.</param>
/// <param name="ModeReason">Why it has its mode.</param>
/// <param name="FullLoss">Held-out loss of the Full trial; null without a trial.</param>
/// <param name="ActivatedLoss">Held-out loss of the Activated trial; null without a trial.</param>
/// <param name="Tokens">Tokens that all probes took, that of the mode that lost included.</param>
/// <param name="HandOver">What the probe hands over to the training that goes on from it; the caller's.</param>
public sealed record ProbedExpert(
    LoraAdapter Adapter, TrainingReport Report, string ModeReason, double? FullLoss, double? ActivatedLoss, long Tokens, RunHandover HandOver) : IDisposable
{
    /// <summary>The same expert, gone on with from another one's weights: how its mode was chosen stays, and what was made from nothing is freed.</summary>
    /// <param name="other">The probe from the other expert; goes over to the result.</param>
    public ProbedExpert From(ProbedExpert other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Dispose();
        return this with { Adapter = other.Adapter, Report = other.Report with { BaselineLoss = Report.BaselineLoss }, HandOver = other.HandOver };
    }

    /// <summary>Frees an expert that is not trained on.</summary>
    public void Dispose()
    {
        Adapter.Dispose();
        HandOver.Dispose();
    }
}

/// <summary>An expert after training.</summary>
/// <param name="Adapter">The expert; the caller's.</param>
/// <param name="Reports">Its runs, in order; the last ended with these weights.</param>
/// <param name="RankReason">Why it has its rank.</param>
public sealed record TrainedExpert(LoraAdapter Adapter, IReadOnlyList<TrainingReport> Reports, string RankReason)
{
    /// <summary>How many of the new samples the runs showed it, each counted once and replay not at all.</summary>
    /// <param name="samples">How many new samples there were.</param>
    public long Shown(int samples) => Math.Min(samples, (long)Math.Round(samples * Reports.Sum(report => report.Epochs)));
}
