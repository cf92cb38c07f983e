using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Tests.Training;

/// <summary>Keeps every report, and acts on some.</summary>
internal sealed class Watcher(Action<TrainingProgress>? act = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Reports { get; } = [];

    public void Report(TrainingProgress value)
    {
        Reports.Add(value);
        act?.Invoke(value);
    }
}
