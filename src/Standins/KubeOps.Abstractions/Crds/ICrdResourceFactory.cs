using k8s.Models;

namespace KubeOps.Abstractions.Crds;

/// <summary>Decides what the definitions of the operator's kinds look like.</summary>
public interface ICrdResourceFactory
{
    /// <summary>Makes the definitions.</summary>
    /// <param name="entityTypes">The classes of the kinds.</param>
    /// <returns>The definitions.</returns>
    IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(IReadOnlyCollection<Type> entityTypes);
}
