namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The label has none of the values.</summary>
/// <param name="Label">The label.</param>
/// <param name="Values">The values.</param>
public record NotEqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Label} notin ({string.Join(',', Values)})";
}
