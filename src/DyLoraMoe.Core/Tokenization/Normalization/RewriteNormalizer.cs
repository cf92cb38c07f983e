using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.Normalization;

/// <summary>A normalizer that is one function of the whole text.</summary>
/// <param name="rewrite">Gives the rewritten text.</param>
internal sealed class RewriteNormalizer(Func<string, string> rewrite) : Normalizer
{
    public override string Normalize(string original) => rewrite(original);

    public override string Normalize(ReadOnlySpan<char> original) => rewrite(original.ToString());
}
