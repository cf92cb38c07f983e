namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>A built-in kind that has no generation.</summary>
internal class PlainRules : KindRules
{
    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override bool ReturnsDeleted => DeletedObjectIsTheAnswer;

    /// <inheritdoc/>
    public override bool CreatesOnUpdate => CreatesByPut;

    /// <summary>The value of <see cref="ReturnsDeleted"/>.</summary>
    public bool DeletedObjectIsTheAnswer { get; init; }

    /// <summary>The value of <see cref="CreatesOnUpdate"/>.</summary>
    public bool CreatesByPut { get; init; }
}
