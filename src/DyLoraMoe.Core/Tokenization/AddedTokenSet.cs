using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>The added tokens that a text may reach.</summary>
/// <param name="AsGiven">Finds those that are looked for in text as given.</param>
/// <param name="Normalized">Finds those that are looked for in normalized text; null for none.</param>
internal sealed record AddedTokenSet(AddedTokenMatcher AsGiven, AddedTokenMatcher? Normalized)
{
    /// <summary>A set of some of a tokenizer's added tokens.</summary>
    public static AddedTokenSet Of(TokenizerParts parts, IEnumerable<AddedToken> tokens)
    {
        List<(string, AddedToken)> asGiven = [];
        List<(string, AddedToken)> normalized = [];
        foreach (var token in tokens.Where(token => !StandsForSpaces(parts, token)))
        {
            if (token.Normalized)
            {
                normalized.Add((parts.Normalizer?.Normalize(token.Content) ?? token.Content, token));
            }
            else
            {
                asGiven.Add((token.Content, token));
            }
        }

        return new AddedTokenSet(new AddedTokenMatcher(asGiven), normalized.Count > 0 ? new AddedTokenMatcher(normalized) : null);
    }

    /// <summary>Finds tokens as they are written, before any normalization.</summary>
    public static AddedTokenMatcher Literal(TokenizerParts parts, IEnumerable<AddedToken> tokens) =>
        new(tokens.Where(token => !StandsForSpaces(parts, token)).Select(token => (token.Content, token)));

    // Matching it in text as given would turn the mark itself into a space.
    private static bool StandsForSpaces(TokenizerParts parts, AddedToken token) =>
        !token.Special && parts.Model.KeepsLiteralMarkers && token.Content.Contains(SpaceMarker.LowerBlock, StringComparison.Ordinal);
}
