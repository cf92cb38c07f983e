using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Tests;

/// <summary>Whether a value is something: what stands behind <c>is</c>.</summary>
/// <param name="value">The value.</param>
/// <param name="arguments">What it is measured by.</param>
internal delegate bool TestFunction(Value value, Arguments arguments);
