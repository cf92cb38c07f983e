using System.Reflection;
using System.Runtime.InteropServices;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Transpiler;

namespace KubeOps.Operator.Crds;

/// <summary>Definitions from classes, read from their assemblies without running them.</summary>
public class KubeOpsCrdResourceFactory : ICrdResourceFactory
{
    /// <inheritdoc/>
    public IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(IReadOnlyCollection<Type> entityTypes)
    {
        var folders = entityTypes
            .Select(type => Path.GetDirectoryName(type.Assembly.Location)!)
            .Append(RuntimeEnvironment.GetRuntimeDirectory())
            .Distinct();
        using var context = ContextCreator.Create(
            folders.SelectMany(folder => Directory.GetFiles(folder, "*.dll")),
            coreAssemblyName: typeof(object).Assembly.GetName().Name);
        return entityTypes.Select(type => CreateCrdForEntityType(context, type)).ToList();
    }

    /// <summary>The definition of one kind.</summary>
    /// <param name="context">Where the class is looked up.</param>
    /// <param name="entityType">The class.</param>
    /// <returns>The definition.</returns>
    protected virtual V1CustomResourceDefinition CreateCrdForEntityType(MetadataLoadContext context, Type entityType) =>
        context.Transpile(entityType);
}
