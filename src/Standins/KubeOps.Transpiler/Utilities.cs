using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>Types of a context.</summary>
public static class Utilities
{
    /// <summary>The context's own view of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="context">The context.</param>
    /// <returns>The type as the context sees it.</returns>
    public static Type GetContextType<T>(this MetadataLoadContext context) => context.GetContextType(typeof(T));

    /// <summary>The context's own view of a type. Its assembly is loaded if it is not yet.</summary>
    /// <param name="context">The context.</param>
    /// <param name="type">The type.</param>
    /// <returns>The type as the context sees it.</returns>
    public static Type GetContextType(this MetadataLoadContext context, Type type)
    {
        var name = type.FullName!;
        return context.GetAssemblies().Select(assembly => assembly.GetType(name)).FirstOrDefault(t => t is not null)
            ?? context.LoadFromAssemblyPath(type.Assembly.Location).GetType(name)!;
    }
}
