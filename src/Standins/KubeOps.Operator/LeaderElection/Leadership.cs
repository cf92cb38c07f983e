using k8s.LeaderElection;

namespace KubeOps.Operator.LeaderElection;

/// <summary>
/// Whether this instance leads. The elector itself keeps saying that it leads after it failed to renew, until it sees
/// another leader; its events do not.
/// </summary>
internal sealed class Leadership : IDisposable
{
    private readonly LeaderElector _elector;
    private readonly Lock _lock = new();
    private Action<bool>? _followers;
    private bool _isLeading;

    public Leadership(LeaderElector elector)
    {
        _elector = elector;
        _elector.OnStartedLeading += Start;
        _elector.OnStoppedLeading += Stop;
    }

    /// <summary>Tells now and at every change whether this instance leads.</summary>
    public void Follow(Action<bool> follower)
    {
        lock (_lock)
        {
            _followers += follower;
            follower(_isLeading);
        }
    }

    public void Leave(Action<bool> follower)
    {
        lock (_lock)
        {
            _followers -= follower;
        }
    }

    public void Dispose()
    {
        _elector.OnStartedLeading -= Start;
        _elector.OnStoppedLeading -= Stop;
    }

    private void Start() => Change(true);

    private void Stop() => Change(false);

    private void Change(bool isLeading)
    {
        lock (_lock)
        {
            _isLeading = isLeading;
            _followers?.Invoke(isLeading);
        }
    }
}
