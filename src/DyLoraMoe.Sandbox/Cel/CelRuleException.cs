namespace DyLoraMoe.Sandbox.Cel;

/// <summary>An expression that failed.</summary>
internal sealed class CelRuleException(string message, Exception? inner = null) : Exception(message, inner);
