namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Roles, whose names may be any path segment.</summary>
internal class RoleRules : PlainRules
{
    /// <inheritdoc/>
    public override bool StrictName => false;
}
