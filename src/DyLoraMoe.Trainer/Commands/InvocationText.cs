using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>The tokens that the text of <c>--invocation</c> is in the prompts of the data.</summary>
internal static class InvocationText
{
    /// <summary>
    /// Encodes the text as the prompts have it: the template of a chat writes special tokens, and a plain prompt holds none, whatever its text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="samples">All that is learnt from or measured.</param>
    /// <exception cref="InvalidDataException">A prompt does not have it: the expert would learn nothing from that sample.</exception>
    public static IReadOnlyList<int> Encode(string text, TextTokenizer tokenizer, IReadOnlyList<TokenizedSample> samples)
    {
        var (tokens, silent) = new[] { tokenizer.EncodeContinuation(text), tokenizer.EncodeContinuation(text, parseSpecialTokens: false) }
            .Select(tokens => (Tokens: tokens, Silent: Silent(tokens, samples)))
            .MinBy(found => found.Silent.Count);
        return silent.Count == 0
            ? tokens
            : throw new InvalidDataException(
                $"--invocation '{text.ReplaceLineEndings("\\n")}' is not in the prompts of {silent.Count} of {samples.Count} samples, from which the expert would learn nothing. "
                + $"Searched for: {Shown(tokens)}. The first of these prompts ends in: {Shown(silent[0].Ids.AsSpan(0, silent[0].AnswerStart), tokens.Length + 3)}. "
                + "Let every prompt hold the text, by --template for one, and let the text begin where a token does, such as with the space or line break before its first word: "
                + "characters that merge into one token cannot be told apart.");

        string Shown(ReadOnlySpan<int> ids, int most = 16) =>
            ids.IsEmpty ? "nothing" : string.Join(' ', ids[Math.Max(0, ids.Length - most)..].ToArray().Select(id => $"'{tokenizer.TokenText(id)}'"));
    }

    private static List<TokenizedSample> Silent(int[] tokens, IReadOnlyList<TokenizedSample> samples)
    {
        var invocation = new Invocation(new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = tokens });
        return tokens.Length == 0 ? [.. samples] : [.. samples.Where(sample => !invocation.IsIn(sample))];
    }
}
