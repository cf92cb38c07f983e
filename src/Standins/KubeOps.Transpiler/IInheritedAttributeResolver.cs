namespace KubeOps.Transpiler;

/// <summary>
/// Finds what an attribute class sets in its own constructor, which metadata do not tell: a class that derives from
/// an attribute and passes constants to it.
/// </summary>
public interface IInheritedAttributeResolver
{
    /// <summary>Finds the values of the attribute's properties.</summary>
    /// <param name="attributeType">The class of the attribute.</param>
    /// <param name="propertyValues">The values by name.</param>
    /// <returns>Whether they were found.</returns>
    bool TryResolve(Type attributeType, out IReadOnlyDictionary<string, object?> propertyValues);
}
