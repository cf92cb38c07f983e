namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The object has the label.</summary>
/// <param name="Label">The label.</param>
public record ExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => Label;
}
