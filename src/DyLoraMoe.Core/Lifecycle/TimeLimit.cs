using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>Ends a run once its training has taken a stated time, by the run's own count, so that a run which goes on has only what is left.</summary>
internal sealed class TimeLimit(TimeSpan most, CancellationTokenSource end) : IProgress<TrainingProgress>
{
    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.Trained >= most)
        {
            end.Cancel();
        }
    }
}
