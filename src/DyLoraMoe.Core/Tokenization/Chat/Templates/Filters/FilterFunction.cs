using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>What a filter makes of a value.</summary>
/// <param name="value">The value.</param>
/// <param name="arguments">What else the filter was given.</param>
internal delegate Value FilterFunction(Value value, Arguments arguments);
