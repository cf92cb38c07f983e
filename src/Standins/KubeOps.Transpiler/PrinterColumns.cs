using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace KubeOps.Transpiler;

/// <summary>The columns of <c>kubectl get</c>: those on properties, breadth first, then those on the class.</summary>
internal static class PrinterColumns
{
    public static IEnumerable<V1CustomResourceColumnDefinition> Of(Type entity, IInheritedAttributeResolver resolver) =>
        OfProperties(entity).Concat(entity.FindAllInherited<GenericAdditionalPrinterColumnAttribute>()
            .Select(attribute => OfClass(entity, attribute, resolver))
            .OfType<V1CustomResourceColumnDefinition>());

    private static IEnumerable<V1CustomResourceColumnDefinition> OfProperties(Type entity)
    {
        var pending = new Queue<(PropertyInfo Property, string Parent, Type[] Path)>();
        Enqueue(entity, string.Empty, [entity]);
        while (pending.TryDequeue(out var next))
        {
            var (property, parent, path) = next;
            var type = property.PropertyType;
            var place = $"{parent}.{Schema.NameOf(property)}";
            if (type.IsClass && !path.Contains(type))
            {
                Enqueue(type, place, [.. path, type]);
            }

            if (property.Find<AdditionalPrinterColumnAttribute>() is { } attribute)
            {
                var schema = Schema.OfProperty(property);
                yield return Checked(property, nameof(AdditionalPrinterColumnAttribute), new V1CustomResourceColumnDefinition
                {
                    Name = attribute.Argument<string>(1) ?? Schema.NameOf(property),
                    JsonPath = place,
                    Type = schema.Type,
                    Format = schema.Format,
                    Description = schema.Description,
                    Priority = Number(attribute.Argument<PrinterColumnPriority>(0)),
                });
            }
        }

        void Enqueue(Type type, string parent, Type[] path)
        {
            foreach (var property in type.GetProperties())
            {
                pending.Enqueue((property, parent, path));
            }
        }
    }

    private static V1CustomResourceColumnDefinition? OfClass(
        Type entity,
        CustomAttributeData attribute,
        IInheritedAttributeResolver resolver)
    {
        if (attribute.ConstructorArguments.Count >= 3)
        {
            return Checked(entity, nameof(GenericAdditionalPrinterColumnAttribute), new V1CustomResourceColumnDefinition
            {
                JsonPath = attribute.Argument<string>(0),
                Name = attribute.Argument<string>(1),
                Type = attribute.Argument<string>(2),
                Description = attribute.Property<string>(nameof(GenericAdditionalPrinterColumnAttribute.Description)),
                Format = attribute.Property<string>(nameof(GenericAdditionalPrinterColumnAttribute.Format)),
                Priority = Number(
                    attribute.Property<PrinterColumnPriority>(nameof(GenericAdditionalPrinterColumnAttribute.Priority))),
            });
        }

        if (!resolver.TryResolve(attribute.AttributeType, out var values)
            || Text(nameof(GenericAdditionalPrinterColumnAttribute.JsonPath)) is not { } path
            || Text(nameof(GenericAdditionalPrinterColumnAttribute.Name)) is not { } name
            || Text(nameof(GenericAdditionalPrinterColumnAttribute.Type)) is not { } type)
        {
            return null;
        }

        var priority = values.GetValueOrDefault(nameof(GenericAdditionalPrinterColumnAttribute.Priority));
        return Checked(entity, nameof(GenericAdditionalPrinterColumnAttribute), new V1CustomResourceColumnDefinition
        {
            JsonPath = path,
            Name = name,
            Type = type,
            Description = Text(nameof(GenericAdditionalPrinterColumnAttribute.Description)),
            Format = Text(nameof(GenericAdditionalPrinterColumnAttribute.Format)),
            Priority = Number(priority as PrinterColumnPriority? ?? default),
        });

        string? Text(string property) => values.GetValueOrDefault(property) as string;
    }

    private static int Number(PrinterColumnPriority priority) => priority is PrinterColumnPriority.StandardView ? 0 : 1;

    private static V1CustomResourceColumnDefinition Checked(
        MemberInfo member,
        string attribute,
        V1CustomResourceColumnDefinition column)
    {
        SchemaRules.CheckColumn(member, attribute, column);
        return column;
    }
}
