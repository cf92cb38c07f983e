using System.Collections.ObjectModel;
using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>
/// Attributes as they stand in the metadata. Names are compared, not types: the types of a context are not those of
/// the running program. On a class an attribute that derives from the wanted one counts as well.
/// </summary>
internal static class AttributeReading
{
    public static CustomAttributeData? Find<TAttribute>(this MemberInfo member)
        where TAttribute : Attribute =>
        member.FindAll<TAttribute>().FirstOrDefault();

    public static bool Has<TAttribute>(this MemberInfo member)
        where TAttribute : Attribute =>
        member.Find<TAttribute>() is not null;

    public static IEnumerable<CustomAttributeData> FindAll<TAttribute>(this MemberInfo member)
        where TAttribute : Attribute =>
        CustomAttributeData.GetCustomAttributes(member).Where(attribute => member is Type
            ? Ancestry(attribute.AttributeType).Any(type => type.Name == typeof(TAttribute).Name)
            : attribute.AttributeType.Name == typeof(TAttribute).Name);

    /// <summary>The attributes of a class and then those of its bases.</summary>
    public static IEnumerable<CustomAttributeData> FindAllInherited<TAttribute>(this Type type)
        where TAttribute : Attribute =>
        Ancestry(type)
            .TakeWhile(t => t.FullName is not (null or "System.Object" or "System.ValueType" or "System.Enum"))
            .SelectMany(t => t.FindAll<TAttribute>());

    /// <summary>An argument of the constructor; the default when there is none of that type in that place.</summary>
    public static T? Argument<T>(this CustomAttributeData attribute, int index) =>
        index < attribute.ConstructorArguments.Count ? attribute.ConstructorArguments[index].As<T>() : default;

    /// <summary>The values of an argument that is an array.</summary>
    public static IReadOnlyList<object>? Arguments(this CustomAttributeData attribute, int index) =>
        index < attribute.ConstructorArguments.Count ? attribute.ConstructorArguments[index].AsArray() : null;

    /// <summary>A property that is set; the default when it is not.</summary>
    public static T? Property<T>(this CustomAttributeData attribute, string name) => attribute.Named(name).As<T>();

    /// <summary>The values of a property that is an array.</summary>
    public static IReadOnlyList<object>? Properties(this CustomAttributeData attribute, string name) =>
        attribute.Named(name).AsArray();

    /// <summary>Where an attribute stands, for messages.</summary>
    public static string Place(this MemberInfo member) => member switch
    {
        Type type => type.FullName ?? type.Name,
        _ => $"{member.DeclaringType?.FullName}.{member.Name}",
    };

    private static CustomAttributeTypedArgument Named(this CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue;

    private static T? As<T>(this CustomAttributeTypedArgument argument) =>
        argument.ArgumentType?.FullName == typeof(T).FullName ? (T?)argument.Value : default;

    private static List<object>? AsArray(this CustomAttributeTypedArgument argument) =>
        argument.Value is ReadOnlyCollection<CustomAttributeTypedArgument> items
            ? items.Select(item => item.Value!).ToList()
            : null;

    private static IEnumerable<Type> Ancestry(Type type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            yield return current;
        }
    }
}
