using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace KubeOps.Transpiler;

/// <summary>Writes rules of a role from the attributes of controllers.</summary>
public static class Rbac
{
    private const RbacVerb StatusVerbs = RbacVerb.Get | RbacVerb.Patch | RbacVerb.Update;

    private static readonly RbacVerb[] SingleVerbs =
    [
        RbacVerb.Get,
        RbacVerb.List,
        RbacVerb.Watch,
        RbacVerb.Create,
        RbacVerb.Update,
        RbacVerb.Patch,
        RbacVerb.Delete,
    ];

    /// <summary>Writes the rules.</summary>
    /// <param name="context">The context that the attributes come from.</param>
    /// <param name="attributes">The attributes.</param>
    /// <returns>
    /// The rules: those given as such, then one for all kinds of one group and the same verbs, then one for the status
    /// of each kind that has one; in the order of groups and resources.
    /// </returns>
    public static IEnumerable<V1PolicyRule> Transpile(
        this MetadataLoadContext context,
        IEnumerable<CustomAttributeData> attributes)
    {
        var all = attributes.ToList();
        var given = Of<GenericRbacAttribute>(all, context).Select(attribute => new V1PolicyRule
        {
            ApiGroups = Strings(attribute, nameof(GenericRbacAttribute.Groups)),
            Resources = Strings(attribute, nameof(GenericRbacAttribute.Resources)),
            NonResourceURLs = Strings(attribute, nameof(GenericRbacAttribute.Urls)),
            Verbs = Names(attribute.Property<RbacVerb>(nameof(GenericRbacAttribute.Verbs))),
        });

        var kinds = Of<EntityRbacAttribute>(all, context)
            .SelectMany(attribute => (attribute.Arguments(0) ?? []).Cast<Type>().Select(type =>
                (Type: type, Verbs: attribute.Property<RbacVerb>(nameof(EntityRbacAttribute.Verbs)))))
            .GroupBy(kind => kind.Type, kind => kind.Verbs)
            .Select(verbs => (
                Type: verbs.Key,
                context.ToEntityMetadata(verbs.Key).Metadata,
                Verbs: verbs.Aggregate(RbacVerb.None, (sum, verb) => sum | verb)))
            .ToList();
        var objects = kinds.GroupBy(kind => (kind.Metadata.Group, kind.Verbs)).Select(group => new V1PolicyRule
        {
            ApiGroups = [group.Key.Group],
            Resources = group.Select(kind => kind.Metadata.PluralName).Distinct().Order(StringComparer.Ordinal).ToList(),
            Verbs = Names(group.Key.Verbs),
        });
        var statuses = kinds.Where(kind => kind.Type.GetProperty("Status") is not null).Select(kind => new V1PolicyRule
        {
            ApiGroups = [kind.Metadata.Group],
            Resources = [kind.Metadata.PluralName + "/status"],
            Verbs = Names(StatusVerbs),
        });

        return given.Concat(objects).Concat(statuses)
            .OrderBy(rule => First(rule.ApiGroups) ?? string.Empty, StringComparer.Ordinal)
            .ThenBy(rule => First(rule.Resources) ?? First(rule.NonResourceURLs) ?? string.Empty, StringComparer.Ordinal);
    }

    private static IEnumerable<CustomAttributeData> Of<TAttribute>(
        IEnumerable<CustomAttributeData> attributes,
        MetadataLoadContext context)
    {
        var type = context.GetContextType<TAttribute>();
        return attributes.Where(attribute => attribute.AttributeType == type);
    }

    private static List<string> Strings(CustomAttributeData attribute, string property) =>
        attribute.Properties(property)?.Cast<string>().ToList() ?? [];

    private static string[] Names(RbacVerb verbs)
    {
        if (verbs.HasFlag(RbacVerb.All))
        {
            return ["*"];
        }

        var explicitly = verbs.HasFlag(RbacVerb.AllExplicit);
        return SingleVerbs.Where(verb => explicitly || verbs.HasFlag(verb))
            .Select(verb => verb.ToString().ToLowerInvariant())
            .ToArray();
    }

    private static string? First(IList<string>? values) => values?.FirstOrDefault();
}
