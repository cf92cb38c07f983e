using System.ComponentModel.DataAnnotations;
using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>What a skill asks for.</summary>
public enum ModeRequest
{
    /// <summary>Whichever a short trial speaks for.</summary>
    Auto,

    /// <summary>From the invocation point on.</summary>
    Activated,

    /// <summary>On every position.</summary>
    Full,
}

/// <summary>How a mode is chosen.</summary>
public sealed record ModeChoiceOptions
{
    /// <summary>What is asked for.</summary>
    public ModeRequest Mode { get; init; } = ModeRequest.Auto;

    /// <summary>
    /// By how many nats per token Full has to be better at least. Full costs a second encoding of every prompt, for ever; Activated
    /// shares the backbone's.
    /// </summary>
    [Range(0.0, 100.0)]
    public double MarginNats { get; init; } = 0.02;

    /// <summary>The margin as a share of Full's gain over the backbone, where that is more.</summary>
    [Range(0.0, 1.0)]
    public double MarginShare { get; init; } = 0.02;

    /// <summary>The margin for this gain of Full.</summary>
    /// <param name="gain">Nats per token.</param>
    public double Margin(double gain) => Math.Max(MarginNats, MarginShare * gain);
}

/// <summary>A mode, why, and an adapter of that mode to go on with.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Adapter">After a trial the trained adapter, otherwise a new one; the caller's.</param>
/// <param name="BackboneLoss">Held-out loss of the bare backbone; null without a trial.</param>
/// <param name="FullLoss">Held-out loss of the Full trial; null without a trial.</param>
/// <param name="ActivatedLoss">Held-out loss of the Activated trial; null without a trial.</param>
/// <param name="Margin">By how much Full had to be better; null without a trial.</param>
/// <param name="Trial">The report of the chosen mode's trial; null without one.</param>
/// <param name="Tokens">Tokens that both trials took.</param>
/// <param name="Reason">For people, with the figures.</param>
/// <param name="HandOver">What the chosen mode's trial hands over, when it keeps its last weights; null otherwise. The caller's.</param>
public sealed record ModeChoiceResult(
    AdapterMode Mode,
    LoraAdapter Adapter,
    double? BackboneLoss,
    double? FullLoss,
    double? ActivatedLoss,
    double? Margin,
    TrainingReport? Trial,
    long Tokens,
    string Reason,
    RunHandover? HandOver = null);

/// <summary>
/// Chooses between Full and Activated by evidence: both are trained from the same weights, on the same data, for the same short
/// budget, and Activated stays unless Full is better on held-out data by more than a margin. The winner's training is not lost.
/// </summary>
/// <param name="backbone">The frozen model.</param>
/// <param name="data">What the skill is learnt from; a trial needs held-out data.</param>
/// <param name="options">The request and the margin; the defaults when null.</param>
public sealed class ModeChoice(CausalLanguageModel backbone, TrainingData data, ModeChoiceOptions? options = null)
{
    private readonly ModeChoiceOptions _options = options ?? new ModeChoiceOptions();

    /// <summary>Chooses.</summary>
    /// <param name="config">The expert's size and reach; its mode is replaced.</param>
    /// <param name="seed">Seed of the new adapter.</param>
    /// <param name="trial">Budget and rates of each trial.</param>
    /// <param name="settings">
    /// How the trials are watched and saved. Under its checkpoint folder each mode has its own, so that an interrupted choice goes on.
    /// </param>
    /// <param name="cancellation">Asks the trial under way to stop at a checkpoint.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the same call goes on.</exception>
    public ModeChoiceResult Choose(LoraConfig config, long seed, TrainingOptions trial, RunSettings? settings = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(trial);
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
        if (_options.Mode != ModeRequest.Auto)
        {
            var asked = _options.Mode == ModeRequest.Full ? AdapterMode.Full : AdapterMode.Activated;
            return new ModeChoiceResult(asked, LoraAdapter.Create(backbone, config with { Mode = asked }, seed), null, null, null, null, null, 0, $"{asked} was asked for");
        }

        if (data.HeldOut(Invocation.Unchanged).IsEmpty)
        {
            throw new ArgumentException("A mode is chosen by held-out data, and there are none; hold some out, or ask for Full or Activated.");
        }

        settings ??= new RunSettings();
        var activated = Try(AdapterMode.Activated, config, seed, trial, settings, cancellation);
        try
        {
            var full = Try(AdapterMode.Full, config, seed, trial, settings, cancellation);
            var result = Decide(activated, full);
            (result.Mode == AdapterMode.Full ? activated : full).Dispose();
            return result;
        }
        catch
        {
            activated.Dispose();
            throw;
        }
    }

    private ModeChoiceResult Decide(Tried activated, Tried full)
    {
        var (bare, ofActivated, ofFull) = (full.Report.BaselineLoss!.Value, activated.Report.FinalLoss!.Value, full.Report.FinalLoss!.Value);
        var margin = _options.Margin(Math.Max(0, bare - ofFull));
        var isFull = ofActivated - ofFull > margin;
        var chosen = isFull ? full : activated;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"after {full.Report.Steps} steps each, Full has {ofFull:0.0000} and Activated {ofActivated:0.0000} nats/token (backbone {bare:0.0000}): Full is {(isFull ? "" : "not ")}better by more than {margin:0.0000}");
        return new ModeChoiceResult(
            chosen.Adapter.Config.Mode, chosen.Adapter, bare, ofFull, ofActivated, margin, chosen.Report, activated.Report.Tokens + full.Report.Tokens, reason, chosen.HandOver);
    }

    private Tried Try(AdapterMode mode, LoraConfig config, long seed, TrainingOptions trial, RunSettings settings, CancellationToken cancellation)
    {
        // A checkpoint at every evaluation, the last one included: a choice that is repeated trains no finished trial again.
        var own = settings.CheckpointFolder is { } folder
            ? settings with { CheckpointFolder = Path.Combine(folder, mode.ToString().ToLowerInvariant()), CheckpointEverySteps = Math.Min(trial.EvaluateEvery, trial.MaxSteps ?? int.MaxValue) }
            : settings;
        var adapter = LoraAdapter.Create(backbone, config with { Mode = mode }, seed);
        try
        {
            using var run = TrainingRun.OfExpert(backbone, adapter, data, trial, own);
            var report = run.Run(cancellation);
            return report.Outcome == TrainingOutcome.Interrupted ? throw new OperationCanceledException(cancellation) : new Tried(adapter, report, trial.KeepBest ? null : run.HandOver());
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private sealed record Tried(LoraAdapter Adapter, TrainingReport Report, RunHandover? HandOver) : IDisposable
    {
        public void Dispose()
        {
            Adapter.Dispose();
            HandOver?.Dispose();
        }
    }
}
