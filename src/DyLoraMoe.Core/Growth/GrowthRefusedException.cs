namespace DyLoraMoe.Core.Growth;

/// <summary>A model cannot grow as asked: it would not compute the same, or what is new could not learn. The message says why.</summary>
/// <param name="message">What was asked, why it is refused and what to do instead.</param>
public sealed class GrowthRefusedException(string message) : InvalidOperationException(message);
