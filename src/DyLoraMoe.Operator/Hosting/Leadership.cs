using k8s.LeaderElection;

namespace DyLoraMoe.Operator.Hosting;

/// <summary>
/// Whether this replica leads, as KubeOps' queues take it: from when the elector tells that it began until it tells that it ended. What the elector says when it is asked
/// stays as it was after it failed to renew, until it sees another leader.
/// </summary>
internal sealed class Leadership : IDisposable
{
    private readonly LeaderElector? _elector;
    private CancellationTokenSource _term = new();

    /// <summary>Listens from now on; without an elector this replica always leads.</summary>
    public Leadership(LeaderElector? elector)
    {
        _elector = elector;
        if (elector is not null)
        {
            _term.Cancel();
            elector.OnStartedLeading += Begin;
            elector.OnStoppedLeading += End;
        }
    }

    /// <summary>Whether it does.</summary>
    public bool Leads => !Term.IsCancellationRequested;

    /// <summary>Cancelled when it does no more.</summary>
    public CancellationToken Term => Volatile.Read(ref _term).Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_elector is not null)
        {
            _elector.OnStartedLeading -= Begin;
            _elector.OnStoppedLeading -= End;
        }

        End();
    }

    private void Begin() => Volatile.Write(ref _term, new());

    // Nothing is to be disposed of: who goes on with a term may still ask for its token.
    private void End() => Volatile.Read(ref _term).Cancel();
}
