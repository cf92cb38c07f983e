namespace DyLoraMoe.Router.Limits;

/// <summary>Whether the server is on its way out.</summary>
internal sealed class DrainState
{
    private volatile bool _isDraining;

    /// <summary>Set by the first signal, and for good.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Begins.</summary>
    public void Begin() => _isDraining = true;
}
