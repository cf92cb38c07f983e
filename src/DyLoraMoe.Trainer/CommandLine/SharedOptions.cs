using System.CommandLine;

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

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => OptionOf.Flag("--json", "Print JSON instead of lines.");
}
