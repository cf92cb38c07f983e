using System.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The option <c>--stored-as</c>.</summary>
internal static class StoredType
{
    /// <summary>The option.</summary>
    /// <param name="usual">What holds when it is not given.</param>
    public static Option<ScalarType?> Option(string usual) => OptionOf.OneOf(
        "--stored-as",
        "TYPE",
        $"Element type of the result: float32, bfloat16 or float16. [default: {usual}]",
        ("float32", ScalarType.Float32),
        ("bfloat16", ScalarType.BFloat16),
        ("float16", ScalarType.Float16));
}
