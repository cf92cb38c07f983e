namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The fields that tell the items of a list of type map apart.</summary>
/// <param name="keys">The fields.</param>
[AttributeUsage(AttributeTargets.Property)]
public class XListMapKeysAttribute(params string[] keys) : Attribute
{
    /// <summary>The fields.</summary>
    public string[] Keys { get; } = keys;
}
