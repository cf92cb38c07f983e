using System;

namespace TorchSharp.Utils;

/// <summary>Gives the field of a module the name under which it appears in the state dictionary.</summary>
[AttributeUsage(AttributeTargets.All)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = "";
}
