using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Element types by the names that Hugging Face's files use.</summary>
internal static class ScalarTypeName
{
    /// <summary>For instance <c>bfloat16</c>.</summary>
    public static string Of(ScalarType type) => type.ToString().ToLowerInvariant();
}
