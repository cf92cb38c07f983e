namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The label has one of the values.</summary>
/// <param name="Label">The label.</param>
/// <param name="Values">The values.</param>
public record EqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Label} in ({string.Join(',', Values)})";
}
