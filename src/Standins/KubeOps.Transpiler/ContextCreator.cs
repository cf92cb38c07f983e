using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>Opens assemblies for reading, without running anything of theirs.</summary>
public static class ContextCreator
{
    /// <summary>A context with one assembly loaded from memory.</summary>
    /// <param name="assemblyPaths">The files of all assemblies that may be needed, those of the runtime included.</param>
    /// <param name="assembly">The assembly.</param>
    /// <param name="coreAssemblyName">The assembly that holds <see cref="object"/>; null to find it.</param>
    /// <returns>The context.</returns>
    public static MetadataLoadContext Create(
        IEnumerable<string> assemblyPaths,
        byte[] assembly,
        string? coreAssemblyName = null)
    {
        var context = Create(assemblyPaths, coreAssemblyName);
        context.LoadFromByteArray(assembly);
        return context;
    }

    /// <summary>A context that loads assemblies as they are needed.</summary>
    /// <param name="assemblyPaths">The files of all assemblies that may be needed, those of the runtime included.</param>
    /// <param name="coreAssemblyName">The assembly that holds <see cref="object"/>; null to find it.</param>
    /// <returns>The context.</returns>
    public static MetadataLoadContext Create(IEnumerable<string> assemblyPaths, string? coreAssemblyName = null) =>
        new(new PathAssemblyResolver(assemblyPaths), coreAssemblyName);
}
