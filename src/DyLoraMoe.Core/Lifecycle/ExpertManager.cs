using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
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
            return new ProbedExpert(choice.Adapter, trial, choice.Reason, choice.FullLoss, choice.ActivatedLoss, choice.Tokens);
        }

        try
        {
            var report = Run(choice.Adapter, data, ProbeOptions(), Below(settings, "probe"), cancellation);
            return new ProbedExpert(choice.Adapter, report, choice.Reason, null, null, report.Tokens);
        }
        catch
        {
            choice.Adapter.Dispose();
            throw;
        }
    }

    /// <summary>Takes the same first steps from an expert that may know something similar.</summary>
    /// <param name="relative">The expert; stays as it is.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">Samples to choose by; not empty.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public TrainingReport ProbeFrom(
        LoraAdapter relative, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut, RunSettings settings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(relative);
        ArgumentNullException.ThrowIfNull(settings);
        using var warm = relative.CopyTo(backbone.Device);
        return Run(warm, TrainingData.OfSamples(train, heldOut), ProbeOptions(), Below(settings, "relative"), cancellation);
    }

    /// <summary>Trains a new expert on from its probe: seeding, rank by what that left, consolidation.</summary>
    /// <param name="probed">The probe; its adapter goes over to the result.</param>
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
            var data = TrainingData.OfSamples(train, heldOut);
            var seeding = Run(adapter, data, Seeding(spent), Below(settings, "seeding"), cancellation);
            var rank = policy.Rank.AfterSeeding(adapter.Config.Rank, bare, seeding.FinalLoss!.Value, seeding.TrainingLoss);
            var hasGrown = rank.Rank > adapter.Config.Rank;
            if (hasGrown)
            {
                var grown = adapter.Grow(rank.Rank, policy.Training.Seed + 1);
                adapter.Dispose();
                adapter = grown;
            }

            var rest = Run(adapter, data, Rest(spent + seeding.Tokens, seeding.Steps, hasGrown), Below(settings, "consolidation"), cancellation);
            return new TrainedExpert(adapter, [probed.Report, seeding, rest], rank.Reason);
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Trains a copy of an expert on with new data and replay of what it knows.</summary>
    /// <param name="expert">The expert; stays as it is.</param>
    /// <param name="train">The new samples.</param>
    /// <param name="known">Samples that it has learnt from before; one list a skill.</param>
    /// <param name="heldOut">Samples to choose by, of old and new data together.</param>
    /// <param name="isFamiliar">Whether the data are like those it knows, so that the low rate alone will do; else seeding comes first.</param>
    /// <param name="spent">Tokens of the budget that are used up already.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    /// <param name="cancellation">Asks to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public TrainedExpert Extend(
        LoraAdapter expert,
        IReadOnlyList<TokenizedSample> train,
        IReadOnlyList<IReadOnlyList<TokenizedSample>> known,
        IReadOnlyList<TokenizedSample> heldOut,
        bool isFamiliar,
        long spent,
        RunSettings settings,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentNullException.ThrowIfNull(settings);
        policy.Validate();
        var options = policy.Training with { MaxTokens = policy.Training.MaxTokens is { } tokens ? Math.Max(1, tokens - spent) : null };
        var adapter = expert.CopyTo(backbone.Device);
        try
        {
            var data = TrainingData.OfReplay(train, known, policy.ReplayPercent, heldOut);
            var report = Run(adapter, data, isFamiliar ? AtLowRate(options) : options, Below(settings, "extension"), cancellation);
            return new TrainedExpert(adapter, [report], "an expert keeps its rank when it is extended");
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private TrainingReport Run(LoraAdapter adapter, TrainingData data, TrainingOptions options, RunSettings settings, CancellationToken cancellation)
    {
        using var run = TrainingRun.OfExpert(backbone, adapter, data, options, settings);
        var report = run.Run(cancellation);
        return report.Outcome == TrainingOutcome.Interrupted ? throw new OperationCanceledException(cancellation) : report;
    }

    private TrainingOptions ProbeOptions() => policy.Training with
    {
        MaxSteps = ProbePart(policy.Training.MaxSteps),
        MaxTokens = ProbePart(policy.Training.MaxTokens),
        Seeding = policy.Training.Seeding with { MaxSteps = int.MaxValue, MaxTokens = null, PlateauPatience = null },
    };

    // Seeding's own budget less the probe of this expert, and never more than what is left in all.
    private TrainingOptions Seeding(long spent)
    {
        var (options, seeding) = (policy.Training, policy.Training.Seeding);
        var steps = seeding.MaxSteps is { } most ? Math.Max(1, most - (ProbePart(options.MaxSteps) ?? 0)) : options.MaxSteps;
        var left = options.MaxTokens is { } all ? Math.Max(1, all - spent) : (long?)null;
        var tokens = seeding.MaxTokens is { } own ? Math.Min(left ?? long.MaxValue, Math.Max(1, own - (ProbePart(options.MaxTokens) ?? 0))) : left;
        return options with
        {
            MaxSteps = steps,
            MaxTokens = tokens,
            Seeding = seeding with { WarmUpSteps = Math.Min(seeding.WarmUpSteps, RewarmSteps), MaxSteps = int.MaxValue, MaxTokens = null },

            // A plateau ends seeding; consolidation is another run, once the rank is known.
            Consolidation = options.Consolidation with { StopPatience = 1 },
        };
    }

    private TrainingOptions Rest(long spent, int seedingSteps, bool hasGrown)
    {
        var options = policy.Training;
        var probes = policy.Mode.Mode == ModeRequest.Auto ? 2 : 1;
        var rest = options with
        {
            MaxSteps = options.MaxSteps is { } steps ? Math.Max(1, steps - seedingSteps - (probes * ProbePart(steps)!.Value)) : null,
            MaxTokens = options.MaxTokens is { } tokens ? Math.Max(1, tokens - spent) : null,
        };

        // New rank is worth nothing before it has been seeded too: as long again as the expert was.
        return hasGrown ? rest with { Seeding = options.Seeding with { WarmUpSteps = Math.Min(options.Seeding.WarmUpSteps, RewarmSteps), MaxSteps = Math.Max(1, seedingSteps), MaxTokens = null } } : AtLowRate(rest);
    }

    // AdamW's moments need a few steps even where no seeding is wanted.
    private static TrainingOptions AtLowRate(TrainingOptions options) =>
        options with { Seeding = options.Seeding with { Rate = options.Consolidation.Rate, WarmUpSteps = Math.Min(options.Seeding.WarmUpSteps, RewarmSteps), MaxSteps = RewarmSteps, MaxTokens = null } };

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
public sealed record ProbedExpert(LoraAdapter Adapter, TrainingReport Report, string ModeReason, double? FullLoss, double? ActivatedLoss, long Tokens);

/// <summary>An expert after training.</summary>
/// <param name="Adapter">The expert; the caller's.</param>
/// <param name="Reports">Its runs, in order; the last ended with these weights.</param>
/// <param name="RankReason">Why it has its rank.</param>
public sealed record TrainedExpert(LoraAdapter Adapter, IReadOnlyList<TrainingReport> Reports, string RankReason);
