using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;
using KubeOps.Transpiler.Kubernetes;

namespace KubeOps.Transpiler;

/// <summary>Writes custom resource definitions from classes.</summary>
public static class Crds
{
    /// <summary>The definition of one class, as the only version of its kind.</summary>
    /// <param name="context">The context of the class.</param>
    /// <param name="type">The class.</param>
    /// <param name="inheritedAttributeResolver">Reads attributes that derive from KubeOps' own; null for the default.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="TranspilationFailedException">The class has no structural schema.</exception>
    public static V1CustomResourceDefinition Transpile(
        this MetadataLoadContext context,
        Type type,
        IInheritedAttributeResolver? inheritedAttributeResolver = null)
    {
        var entity = context.GetContextType(type);
        try
        {
            return Definition(entity, inheritedAttributeResolver ?? ReflectionInheritedAttributeResolver.Default);
        }
        catch (InvalidSchemaException e)
        {
            throw new TranspilationFailedException(
                $"Failed to transpile the CRD for entity '{entity.FullName ?? entity.Name}'. {e.Message}", e);
        }
    }

    /// <summary>
    /// The definitions of all kinds among some classes, each with all its versions, the newest first. The version with
    /// a <see cref="StorageVersionAttribute"/> is stored, else the newest.
    /// </summary>
    /// <param name="context">The context of the classes.</param>
    /// <param name="types">The classes; those that are no kinds or are to be ignored are left out.</param>
    /// <param name="inheritedAttributeResolver">Reads attributes that derive from KubeOps' own; null for the default.</param>
    /// <returns>The definitions.</returns>
    /// <exception cref="TranspilationFailedException">A class has no structural schema.</exception>
    /// <exception cref="ArgumentException">A kind has several stored versions.</exception>
    public static IEnumerable<V1CustomResourceDefinition> Transpile(
        this MetadataLoadContext context,
        IEnumerable<Type> types,
        IInheritedAttributeResolver? inheritedAttributeResolver = null)
    {
        var builtIn = context.GetContextType<KubernetesEntityAttribute>().Assembly;
        return types
            .Select(context.GetContextType)
            .Where(type => type.Assembly != builtIn && type.Has<KubernetesEntityAttribute>() && !type.Has<IgnoreAttribute>())
            .Select(type => (
                Definition: context.Transpile(type, inheritedAttributeResolver),
                Stored: type.Has<StorageVersionAttribute>()))
            .GroupBy(version => version.Definition.Metadata.Name)
            .Select(versions => Merge(versions.ToList()));
    }

    private static V1CustomResourceDefinition Merge(List<(V1CustomResourceDefinition Definition, bool Stored)> versions)
    {
        if (versions.Count(version => version.Stored) > 1)
        {
            throw new ArgumentException("There are multiple stored versions on an entity.");
        }

        foreach (var (definition, stored) in versions)
        {
            definition.Spec.Versions[0].Storage = stored;
        }

        var merged = versions[0].Definition;
        merged.Spec.Versions = versions
            .Select(version => version.Definition.Spec.Versions[0])
            .OrderByDescending(version => version.Name, new KubernetesVersionComparer())
            .ToList();
        if (!versions.Exists(version => version.Stored))
        {
            merged.Spec.Versions[0].Storage = true;
        }

        return merged;
    }

    private static V1CustomResourceDefinition Definition(Type entity, IInheritedAttributeResolver resolver)
    {
        var (metadata, scope) = Entities.ToEntityMetadata(entity);
        var columns = PrinterColumns.Of(entity, resolver).ToList();
        return new V1CustomResourceDefinition
        {
            ApiVersion = V1CustomResourceDefinition.KubeGroup + "/" + V1CustomResourceDefinition.KubeApiVersion,
            Kind = V1CustomResourceDefinition.KubeKind,
            Metadata = new V1ObjectMeta { Name = $"{metadata.PluralName}.{metadata.Group}" },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = metadata.Group,
                Scope = scope,
                Names = new V1CustomResourceDefinitionNames
                {
                    Kind = metadata.Kind,
                    ListKind = metadata.ListKind,
                    Singular = metadata.SingularName,
                    Plural = metadata.PluralName,
                    ShortNames = entity.Find<KubernetesEntityShortNamesAttribute>()?.Arguments(0)?
                        .Select(name => name?.ToString()).ToList(),
                },
                Versions =
                [
                    new V1CustomResourceDefinitionVersion
                    {
                        Name = metadata.Version,
                        Served = true,
                        Storage = true,
                        Subresources = Subresources(entity),
                        Schema = new V1CustomResourceValidation { OpenAPIV3Schema = Schema.OfEntity(entity) },
                        AdditionalPrinterColumns = columns.Count > 0 ? columns : null,
                    },
                ],
            },
        };
    }

    private static V1CustomResourceSubresources? Subresources(Type entity)
    {
        const BindingFlags Flags = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;
        var hasStatus = entity.GetProperty("status", Flags) is not null;
        var scale = entity.Find<ScaleSubresourceAttribute>();
        if (!hasStatus && scale is null)
        {
            return null;
        }

        return new V1CustomResourceSubresources
        {
            Status = hasStatus ? new object() : null,
            Scale = scale is null ? null : new V1CustomResourceSubresourceScale
            {
                SpecReplicasPath = scale.Argument<string>(0),
                StatusReplicasPath = scale.Argument<string>(1),
                LabelSelectorPath = scale.Argument<string>(2),
            },
        };
    }
}
