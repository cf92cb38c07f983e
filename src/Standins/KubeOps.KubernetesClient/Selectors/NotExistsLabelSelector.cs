namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The object does not have the label.</summary>
/// <param name="Label">The label.</param>
public record NotExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => "!" + Label;
}
