namespace DyLoraMoe.Sandbox.Storage;

/// <summary>Where an object lives: its collection (<c>group/plural</c>), its namespace (empty when it has none) and its name.</summary>
internal readonly record struct ObjectKey(string Collection, string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? $"{Collection} {Name}" : $"{Collection} {Namespace}/{Name}";
}
