namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How a map is merged (<c>x-kubernetes-map-type</c>).</summary>
/// <param name="mapType">The type.</param>
[AttributeUsage(AttributeTargets.Property)]
public class XMapTypeAttribute(XMapType mapType) : Attribute
{
    /// <summary>The type.</summary>
    public XMapType MapType { get; } = mapType;
}
