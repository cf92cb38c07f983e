using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how a router is fitted.</summary>
internal sealed class RouterFitOptions
{
    private static readonly RouterTrainingOptions _defaults = new();
    private static readonly RouterLanguageLossOptions _language = new();

    private readonly Option<double?> _temperature = SharedOptions.Temperature();

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "N", $"Steps of the fit. [default: {_defaults.Steps}]", 1, 1_000_000);

    private readonly Option<double?> _rate = OptionOf.Number("--rate", "RATE", $"Rate of the first step; it falls to zero. [default: {_defaults.Rate}]", 1e-6, 10);

    private readonly Option<double?> _past = OptionOf.Number(
        "--past", "WEIGHT", $"Weight of what the router said before beside what is right; 0 lets it change as it likes. [default: {_defaults.Distillation}]", 0, 1000);

    private readonly Option<int?> _languageSteps = OptionOf.Whole(
        "--language-loss", "STEPS", "Then tune the router by the language loss of stored samples for as many steps, each a pass of the backbone and its experts. [default: not at all]", 1, 1_000_000);

    private readonly Option<double?> _languageRate = OptionOf.Number("--language-rate", "RATE", $"With --language-loss: its rate. [default: {_language.Rate}]", 1e-8, 10);

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_temperature, _steps, _rate, _past, _languageSteps, _languageRate, _seed];

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">Two options do not fit together.</exception>
    public LearningPolicy Of(ParseResult parsed) => new()
    {
        Router = SharedOptions.RouterOf(parsed.GetValue(_temperature)),
        RouterTraining = _defaults with
        {
            Steps = parsed.GetValue(_steps) ?? _defaults.Steps,
            Rate = parsed.GetValue(_rate) ?? _defaults.Rate,
            Distillation = parsed.GetValue(_past) ?? _defaults.Distillation,
            Seed = (ulong?)parsed.GetValue(_seed) ?? _defaults.Seed,
        },
        LanguageLoss = LanguageLoss(parsed),
    };

    private RouterLanguageLossOptions? LanguageLoss(ParseResult parsed) => (parsed.GetValue(_languageSteps), parsed.GetValue(_languageRate)) switch
    {
        (null, null) => null,
        (null, _) => throw new UsageException("--language-rate belongs to --language-loss."),
        ({ } steps, var rate) => _language with { Steps = steps, Rate = rate ?? _language.Rate, Seed = (ulong?)parsed.GetValue(_seed) ?? _language.Seed },
    };
}
