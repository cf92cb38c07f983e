using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// One run of a job: alone in the job's own folder of the store, from what earlier tries left there. What a job publishes is named by its content and
/// its result is in its journal, so that doing it again finds it done.
/// </summary>
internal sealed class JobRun(JobArguments arguments, JobRequest request, string device, TimeProvider time, Action<string> say, CancellationToken stop)
{
    /// <summary>Folder of the store in which each job has its own.</summary>
    public const string CheckpointFolder = "checkpoints";

    /// <summary>Bytes of a termination message that are kept for what is added at the end.</summary>
    public const int Reserve = 64;

    // A person's adapter or the text of an error may be longer than any message should be.
    private const int LongestMessage = 1024;

    /// <summary>Told how training gets on, besides the log.</summary>
    public IReadOnlyList<IProgress<TrainingProgress>> Progress { get; init; } = [];

    /// <summary>Does the work.</summary>
    public JobResult Run()
    {
        var start = time.GetTimestamp();
        var place = Path.Combine(Path.GetFullPath(arguments.Store), CheckpointFolder, arguments.Name);
        using var lease = JobLease.Take(place, say, time, stop);
        var work = arguments.Work is { } given ? Path.Combine(given, "job-" + Guid.NewGuid().ToString("N")) : Path.Combine(Path.GetTempPath(), "dylora-job-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            var context = new JobContext
            {
                Arguments = arguments,
                Request = request,
                Store = new ArtifactStore(arguments.Store, time),
                Derived = new DerivedStore(arguments.Store, say, time),
                Journal = Journal(place),
                Work = work,
                Device = device,
                Say = say,
                Progress = Progress,
                Stop = stop,
            };
            var result = JobOf(request.Kind).Run(context);
            return result with { Seconds = (long)Math.Ceiling(time.GetElapsedTime(start).TotalSeconds), Message = Text.Cut(result.Message, LongestMessage) };
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    // Of another request under the same name nothing can be used.
    private RunJournal Journal(string place)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ContractJson.Write(request))))[..16];
        foreach (var other in Directory.GetDirectories(place).Where(folder => Path.GetFileName(folder) != key))
        {
            Directory.Delete(other, recursive: true);
        }

        return new RunJournal(Path.Combine(place, key));
    }

    private IJob JobOf(JobKind kind) => kind switch
    {
        JobKind.Prepare => new PrepareJob(),
        JobKind.Assess => new AssessJob(),
        JobKind.Train => new TrainJob(),
        JobKind.Import => new ImportJob(),
        JobKind.FitRouter => new FitRouterJob(),
        JobKind.Check => new CheckJob(),
        JobKind.Collect => new CollectJob(time),
        _ => throw new UnreachableException($"{kind} is no kind of job."),
    };
}
