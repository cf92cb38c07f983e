using System.CommandLine;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Options that mean the same in every verb that has them.</summary>
internal static class SharedOptions
{
    /// <summary>The backbone's folder.</summary>
    public static Option<string?> Model() =>
        OptionOf.Text("--model", "DIR", "The backbone: a folder in Hugging Face layout.", required: true);

    /// <summary>An expert's folder.</summary>
    public static Option<string?> Adapter() =>
        OptionOf.Text("--adapter", "DIR", "An expert: a LoRA adapter folder in PEFT layout. [default: the bare backbone]");

    /// <summary>Tokens that a sample may have when nothing else is said: what the built-in backbone was made for.</summary>
    public const int DefaultContext = 256;

    /// <summary>Longest sample in tokens.</summary>
    public static Option<int?> Context() =>
        OptionOf.Whole("--context", "TOKENS", $"Most tokens of a sample; a longer one loses the left of its prompt. [default: {DefaultContext}, or the model's own where that is less]", 2, 1 << 20);

    /// <summary>The context that was asked for, or the default as far as the model reads.</summary>
    /// <param name="given">What was given, or null.</param>
    /// <param name="model">The backbone's folder.</param>
    /// <exception cref="UsageException">The model was not made for as much.</exception>
    public static int ContextOf(int? given, string model)
    {
        var longest = ModelConfigFile.Read(model).MaxPositions;
        return given is not { } asked ? Math.Min(DefaultContext, longest)
            : asked <= longest ? asked
            : throw new UsageException($"--context is {asked}, but the model reads at most {longest} tokens.");
    }

    /// <summary>Seed of everything random.</summary>
    public static Option<int?> Seed() => OptionOf.Whole("--seed", "N", "Seed of everything that is random. [default: 1]", 0);

    /// <summary>Whether near duplicates are left out.</summary>
    public static Option<bool> DropDuplicates() => OptionOf.Flag(
        "--drop-duplicates", "Leave out samples that nearly repeat another before anything is held out: 0.8 or more of their token 5-grams in common (Jaccard similarity).");

    /// <summary>How much of earlier skills is replayed.</summary>
    public static Option<int?> ReplaySamples() => OptionOf.Whole("--replay-samples", "N", "Most samples of each earlier skill that are replayed, chosen by the seed. [default: all]", 1);

    /// <summary>The router's temperature.</summary>
    public static Option<double?> Temperature() =>
        OptionOf.Number("--temperature", "T", $"Divides the router's scores; the workspace keeps it. [default: as it is; {new RouterOptions().Temperature} in a new workspace]", 0.01, 100);

    /// <summary>A router with a temperature; null to leave it as it is.</summary>
    public static RouterOptions? RouterOf(double? temperature) => temperature is { } given ? new RouterOptions { Temperature = given } : null;

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => OptionOf.Flag("--json", "Print JSON instead of lines.");
}
