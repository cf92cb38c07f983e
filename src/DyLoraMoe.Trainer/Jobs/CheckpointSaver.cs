using DyLoraMoe.Artifacts;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Makes every checkpoint what the next try of the job goes on from, before training does.</summary>
internal sealed class CheckpointSaver(IJobFolder job, Action<string> say) : IProgress<TrainingProgress>
{
    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.Kind == ProgressKind.Checkpointed)
        {
            Save();
        }
    }

    /// <summary>Saves the job's folder; a failure is told of, and no more.</summary>
    public void Save()
    {
        try
        {
            job.Save();
        }
        catch (S3Exception error)
        {
            // The next one takes it along; a training that ends for it would lose more.
            say($"the checkpoint is not saved: {error.Message}");
        }
    }
}
