namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Checkpoints of a job's training, below its own folder.</summary>
internal static class TrainingFiles
{
    /// <summary>Name of the folder.</summary>
    public const string Folder = "training";

    /// <summary>Removes them: the result is in the journal, and nothing goes on from them.</summary>
    /// <param name="job">The job's folder.</param>
    public static void Remove(string job)
    {
        var folder = Path.Combine(job, Folder);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
