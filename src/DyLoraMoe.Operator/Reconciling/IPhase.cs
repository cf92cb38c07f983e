namespace DyLoraMoe.Operator.Reconciling;

/// <summary>One step towards what a spec asks for. It does one thing, is safe to run twice, and leaves what it found in the scope.</summary>
internal interface IPhase<in TScope>
{
    /// <summary>Runs it.</summary>
    Task<Outcome> RunAsync(TScope scope, CancellationToken cancellationToken);
}
