using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that decide how a workspace learns. What is not given keeps the policy's default.</summary>
internal sealed class LearningOptions
{
    private static readonly LearningPolicy _defaults = new();

    private readonly Option<ModeRequest?> _mode = OptionOf.OneOf(
        "--mode",
        "MODE",
        "Where experts act: auto (a short trial decides), activated or full. [default: auto]",
        ("auto", ModeRequest.Auto),
        ("activated", ModeRequest.Activated),
        ("full", ModeRequest.Full));

    private readonly Option<int?> _rank = OptionOf.Whole("--rank", "R", $"Rank that an expert starts with. [default: {_defaults.Experts.Rank.BaseRank}]", 1, 4096);

    private readonly Option<int?> _largestRank = OptionOf.Whole("--largest-rank", "R", "Rank that a hard skill may grow to. [default: four times --rank]", 1, 4096);

    private readonly Option<int?> _probe = OptionOf.Whole("--probe", "PERCENT", $"Share of the budget that each probe of a mode takes. [default: {_defaults.Experts.ProbePercent}]", 1, 40);

    private readonly Option<int?> _replay = OptionOf.Whole("--replay", "PERCENT", $"Share of an extension's tokens that is replay. [default: {_defaults.Experts.ReplayPercent}]", 0, 99);

    private readonly Option<int?> _replaySamples = SharedOptions.ReplaySamples();

    private readonly Option<int?> _heldOut = OptionOf.Whole("--held-out", "PERCENT", $"Share of the samples that is measured and not learnt; fixed once a workspace is made. [default: {_defaults.HeldOutPercent}]", 1, 50);

    private readonly Option<double?> _falseAlarms = OptionOf.Number(
        "--false-alarms", "RATE", $"How often data of a known skill may be taken for something else. [default: {_defaults.Novelty.FalseAlarmRate}]", 0.0001, 0.5);

    private readonly Option<double?> _temperature = SharedOptions.Temperature();

    private readonly RecipeOptions _recipe = new();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_mode, _rank, _largestRank, _probe, _replay, _replaySamples, _heldOut, _falseAlarms, _temperature, .. _recipe.All];

    /// <summary>Those that matter where a search sets rank, rates, replay and temperature.</summary>
    public Option[] ForSearch => [_mode, _replaySamples, _heldOut, .. _recipe.WithoutSchedule];

    /// <summary>Refuses a way of reading data that the workspace was not made with.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">How the workspace reads data.</param>
    /// <param name="asked">What the command line comes to.</param>
    /// <param name="loss">Which tokens are to count; null where that was not said.</param>
    /// <exception cref="UsageException">They differ in something that was given.</exception>
    public void RequireSame(ParseResult parsed, DataPolicy data, DataPolicy asked, LossOn? loss)
    {
        Require(parsed.GetValue(_heldOut) is not null, "--held-out", data.HeldOutPercent, asked.HeldOutPercent);
        Require(_recipe.HasContext(parsed), "--context", data.Context, asked.Context);
        if (loss is { } counted && counted != data.Loss)
        {
            throw new UsageException($"--loss is {Word(counted)}, but the workspace was made with {Word(data.Loss)} and keeps to it, so that all its losses can be compared.");
        }

        static void Require(bool isGiven, string option, int kept, int found)
        {
            if (isGiven && kept != found)
            {
                throw new UsageException($"{option} is {found}, but the workspace was made with {kept} and keeps to it, so that nothing is measured that was learnt.");
            }
        }

        static string Word(LossOn loss) => loss.ToString().ToLowerInvariant();
    }

    /// <summary>A policy for a backbone that is named: it reads no more than that was made for.</summary>
    /// <exception cref="UsageException">More was asked for.</exception>
    public LearningPolicy Within(ParseResult parsed, LearningPolicy policy, string model) =>
        policy with { Experts = policy.Experts with { Training = _recipe.Within(parsed, policy.Experts.Training, model) } };

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">Two values do not fit together.</exception>
    public LearningPolicy Of(ParseResult parsed)
    {
        var rank = parsed.GetValue(_rank) ?? _defaults.Experts.Rank.BaseRank;
        var training = _recipe.OfLesson(parsed);
        var policy = _defaults with
        {
            HeldOutPercent = parsed.GetValue(_heldOut) ?? _defaults.HeldOutPercent,
            Novelty = _defaults.Novelty with { FalseAlarmRate = parsed.GetValue(_falseAlarms) ?? _defaults.Novelty.FalseAlarmRate },
            Router = SharedOptions.RouterOf(parsed.GetValue(_temperature)),
            Experts = _defaults.Experts with
            {
                Adapter = new LoraConfig { Rank = rank, Alpha = 2 * rank },
                Mode = _defaults.Experts.Mode with { Mode = parsed.GetValue(_mode) ?? ModeRequest.Auto },
                Rank = _defaults.Experts.Rank with { BaseRank = rank, LargestRank = parsed.GetValue(_largestRank) ?? 4 * rank },
                ProbePercent = parsed.GetValue(_probe) ?? _defaults.Experts.ProbePercent,
                ReplayPercent = parsed.GetValue(_replay) ?? _defaults.Experts.ReplayPercent,
                ReplaySamples = parsed.GetValue(_replaySamples),
                Training = training,
            },
        };
        try
        {
            policy.Experts.Validate();
            return policy;
        }
        catch (ValidationException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
