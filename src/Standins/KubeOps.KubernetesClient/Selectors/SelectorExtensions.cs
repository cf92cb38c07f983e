namespace KubeOps.KubernetesClient.Selectors;

/// <summary>Several conditions as one text; all must hold.</summary>
public static class SelectorExtensions
{
    /// <summary>Conditions on labels.</summary>
    /// <param name="selectors">The conditions.</param>
    /// <returns>The text.</returns>
    public static string ToExpression(this IEnumerable<LabelSelector> selectors) => Join(selectors);

    /// <summary>Conditions on fields.</summary>
    /// <param name="selectors">The conditions.</param>
    /// <returns>The text.</returns>
    public static string ToExpression(this IEnumerable<FieldSelector> selectors) => Join(selectors);

    internal static (string Labels, string Fields) Split(this KubernetesSelector[] selectors) =>
        (selectors.OfType<LabelSelector>().ToExpression(), selectors.OfType<FieldSelector>().ToExpression());

    private static string Join(IEnumerable<KubernetesSelector> selectors) =>
        string.Join(',', selectors.Select(selector => (string)selector));
}
