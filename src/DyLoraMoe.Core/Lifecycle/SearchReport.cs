namespace DyLoraMoe.Core.Lifecycle;

/// <summary>One setting on one rung of a search.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Rung">The rung, from 0.</param>
/// <param name="Budget">Tokens that the setting has been trained on in all, at this rung.</param>
/// <param name="Tokens">Tokens of them that this rung added.</param>
/// <param name="Score">Validation loss, lower is better; null when training diverged.</param>
/// <param name="Survived">Whether it went on to the next rung, or won on the last.</param>
public sealed record SearchRow(SearchSetting Setting, int Rung, long Budget, long Tokens, double? Score, bool Survived);

/// <summary>A whole search: every setting at every budget that it was tried with.</summary>
/// <param name="Rows">By rung, then by place in the grid.</param>
/// <param name="Best">The setting that won; null when every one diverged.</param>
/// <param name="BestScore">Its score on the last rung.</param>
/// <param name="Tokens">Tokens that the whole search trained on.</param>
public sealed record SearchReport(IReadOnlyList<SearchRow> Rows, SearchSetting? Best, double? BestScore, long Tokens);
