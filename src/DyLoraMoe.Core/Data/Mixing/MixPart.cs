namespace DyLoraMoe.Core.Data.Mixing;

/// <summary>One part of a mixture.</summary>
/// <param name="Samples">Its samples; at least one.</param>
/// <param name="Share">Its share of the mixture's tokens in percent, above 0.</param>
public sealed record MixPart(IReadOnlyList<TokenizedSample> Samples, double Share);
