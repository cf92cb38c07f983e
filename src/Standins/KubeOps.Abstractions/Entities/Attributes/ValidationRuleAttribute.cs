namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A rule in CEL that the API server holds values to (<c>x-kubernetes-validations</c>).</summary>
/// <param name="rule">The expression, which must be true.</param>
/// <param name="fieldPath">The field that is blamed, relative to the place of the rule.</param>
/// <param name="message">What is said when the rule is broken.</param>
/// <param name="messageExpression">An expression that says it instead.</param>
/// <param name="reason">The machine-readable reason of the refusal.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule,
    string? fieldPath = null,
    string? message = null,
    string? messageExpression = null,
    string? reason = null) : Attribute
{
    /// <summary>The expression, which must be true.</summary>
    public string Rule { get; } = rule;

    /// <summary>What is said when the rule is broken.</summary>
    public string? Message { get; } = message;

    /// <summary>An expression that says it instead.</summary>
    public string? MessageExpression { get; } = messageExpression;

    /// <summary>The machine-readable reason of the refusal.</summary>
    public string? Reason { get; } = reason;

    /// <summary>The field that is blamed, relative to the place of the rule.</summary>
    public string? FieldPath { get; } = fieldPath;
}
