using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>The text of single tokens.</summary>
internal static class TokenText
{
    /// <summary>A token's own text; one that is part of a character shows as U+FFFD.</summary>
    public static string Of(TextTokenizer tokenizer, int id)
    {
        var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false, startOfText: false);
        return decoder.Push(id) + decoder.Flush();
    }
}
