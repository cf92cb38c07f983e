namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The field does not have the value.</summary>
/// <param name="Field">The path of the field.</param>
/// <param name="Value">The value.</param>
public record NotEqualsFieldSelector(string Field, string Value) : FieldSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Field}!={Value}";
}
