namespace KubeOps.Abstractions.Reconciliation.Controller;

/// <summary>The label selector of a controller, for generated registrations.</summary>
/// <param name="selectorType">The class of the selector.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LabelSelectorAttribute(Type selectorType) : Attribute
{
    /// <summary>The class of the selector.</summary>
    public Type SelectorType { get; } = selectorType;
}
