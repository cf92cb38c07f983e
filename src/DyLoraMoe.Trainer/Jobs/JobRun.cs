using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// One run of a job: alone in the job's own folder of the store, from what earlier tries left there. What a job publishes is named by its content and
/// its result is in its journal, so that doing it again finds it done.
/// </summary>
internal sealed class JobRun(JobArguments arguments, JobRequest request, string device, TimeProvider time, Action<string> say, CancellationToken stop)
{
    /// <summary>Bytes of a termination message that are kept for what is added at the end.</summary>
    public const int Reserve = 64;

    // A person's adapter or the text of an error may be longer than any message should be.
    private const int LongestMessage = 1024;

    /// <summary>Told how training gets on, besides the log.</summary>
    public IReadOnlyList<IProgress<TrainingProgress>> Progress { get; init; } = [];

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How buckets are talked to; what the environment says when null.</summary>
    public S3Options? Buckets { get; init; }

    /// <summary>Does the work.</summary>
    public JobResult Run()
    {
        var start = time.GetTimestamp();
        var cache = Path.GetFullPath(arguments.Cache ?? Path.Combine(Path.GetTempPath(), "dylora-cache"));
        using var store = StorePlace.Open(arguments.Store, cache, Variable, BucketOptions, time);
        using var job = store.TakeJob(arguments.Name, say, stop) ?? LocalJobFolder.Take(store.Folder, arguments.Name, say, time, stop);
        var work = arguments.Work is { } given ? Path.Combine(given, "job-" + Guid.NewGuid().ToString("N")) : Path.Combine(Path.GetTempPath(), "dylora-job-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            var context = new JobContext
            {
                Arguments = arguments with { Data = arguments.Data is { } data ? Fetched(data, cache, null) : null },
                Request = request,
                Store = store.Artifacts(),
                Derived = store.Derived(say),
                Source = new Lazy<string>(() => Fetched(arguments.Backbone, cache, BackboneDigest.IsOfModel)),
                Job = job,
                Journal = Journal(job),
                Work = work,
                Device = device,
                Say = say,
                Progress = [.. Progress, new CheckpointSaver(job, say)],
                Variable = Variable,
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
    private RunJournal Journal(IJobFolder job)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ContractJson.Write(request))))[..16];
        foreach (var other in Directory.GetDirectories(job.Path).Where(folder => Path.GetFileName(folder) != key))
        {
            Directory.Delete(other, recursive: true);
        }

        return new RunJournal(Path.Combine(job.Path, key), job.Save);
    }

    private S3Options BucketOptions => Buckets ?? S3Options.FromEnvironment(Variable, stop);

    // What is in buckets of others, as files.
    private string Fetched(string place, string cache, Func<string, bool>? includes)
    {
        if (!S3Location.IsOne(place))
        {
            return place;
        }

        using var bucket = S3Bucket.Open(S3Location.Parse(place), Variable, BucketOptions, time);
        say($"copying {bucket.Name}");
        return S3Mirror.Fetch(bucket, cache, includes);
    }

    private IJob JobOf(JobKind kind) => kind switch
    {
        JobKind.Prepare => new PrepareJob(),
        JobKind.Assess => new AssessJob(),
        JobKind.Train => new TrainJob(),
        JobKind.Consolidate => new ConsolidateJob(),
        JobKind.Grow => new GrowJob(),
        JobKind.Migrate => new MigrateJob(),
        JobKind.Import => new ImportJob(),
        JobKind.FitRouter => new FitRouterJob(),
        JobKind.Check => new CheckJob(),
        JobKind.Collect => new CollectJob(time),
        _ => throw new UnreachableException($"{kind} is no kind of job."),
    };
}
