namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Counts a probe's answers in a row: it changes its mind only at its thresholds.</summary>
internal sealed class ProbeTally(bool initially, int successThreshold, int failureThreshold)
{
    private bool _last = initially;
    private int _inRow;

    public bool Passing { get; private set; } = initially;

    /// <summary>Counts an answer; true when it has just failed for good, or failed again after that.</summary>
    public bool Count(bool success)
    {
        _inRow = success == _last ? _inRow + 1 : 1;
        _last = success;
        if (success && _inRow >= Math.Max(1, successThreshold))
        {
            Passing = true;
        }
        else if (!success && _inRow >= Math.Max(1, failureThreshold))
        {
            Passing = false;
            return true;
        }

        return false;
    }
}
