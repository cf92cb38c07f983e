namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A condition on the objects of a list or a watch.</summary>
public abstract record KubernetesSelector
{
    /// <summary>The condition in the API's own syntax.</summary>
    /// <param name="selector">The condition.</param>
    /// <returns>The text.</returns>
    public static implicit operator string(KubernetesSelector selector) => selector.ToExpression();

    /// <summary>The condition in the API's own syntax.</summary>
    /// <returns>The text.</returns>
    protected abstract string ToExpression();
}
