namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How a list is merged (<c>x-kubernetes-list-type</c>).</summary>
/// <param name="listType">The type.</param>
[AttributeUsage(AttributeTargets.Property)]
public class XListTypeAttribute(XListType listType) : Attribute
{
    /// <summary>The type.</summary>
    public XListType ListType { get; } = listType;
}
