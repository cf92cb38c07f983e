namespace DyLoraMoe.Api.Resources;

/// <summary>Bounds of each entry of a list of strings, or of each value of a map of strings, in the CRD's schema. KubeOps' attributes reach only the list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EachAttribute : Attribute
{
    /// <summary>Sets the bounds.</summary>
    /// <param name="maxLength">Most characters.</param>
    /// <param name="pattern">What the text looks like; null for any.</param>
    public EachAttribute(long maxLength, string? pattern = null)
    {
        MaxLength = maxLength;
        Pattern = pattern;
    }

    /// <summary>Most characters.</summary>
    public long MaxLength { get; }

    /// <summary>What the text looks like; null for any.</summary>
    public string? Pattern { get; }
}
