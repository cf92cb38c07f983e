namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A regular expression that a string must match.</summary>
/// <param name="regexPattern">The expression.</param>
[AttributeUsage(AttributeTargets.Property)]
public class PatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The expression.</summary>
    public string RegexPattern { get; } = regexPattern;
}
