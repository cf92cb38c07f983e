using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Jobs;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora job</c>.</summary>
internal static class JobCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var name = OptionOf.Text("--name", "JOB", "Name of the job; its checkpoints are in STORE/checkpoints/JOB.", required: true);
        var request = OptionOf.Text("--request", "FILE", "What to do, as the operator writes it.", required: true);
        var store = OptionOf.Text("--store", "DIR", "The artifact store, which all jobs of a backbone share: a folder, or s3://BUCKET/PREFIX with options as docs/reference/s3.md lists them.", required: true);
        var backbone = OptionOf.Text("--backbone", "DIR", "The backbone: a folder in Hugging Face layout, s3://BUCKET/PREFIX, or builtin:NAME.", required: true);
        var data = OptionOf.Text("--data", "PATH", "For Assess a data file or a folder of them, for Import a folder in PEFT layout; or s3://BUCKET/PREFIX.");
        var cache = OptionOf.Text("--cache", "DIR", "For copies of what is in a bucket. [default: dylora-cache in the system's temporary folder]");
        var work = OptionOf.Text("--work", "DIR", "For what may go when the job ends. [default: the system's temporary folder]");
        var message = OptionOf.Text("--termination-message", "FILE", "Where the result goes, at most 4,096 bytes of JSON, besides standard output.");
        var device = OptionOf.Parsed<string?>(
            "--device", "DEVICE", $"Where to compute: {ComputePlace.DeviceNames}. [default: auto, a GPU where there is one]", text => ComputePlace.IsDevice(text) ? text : null, ComputePlace.DeviceNames);
        var threads = OptionOf.Whole("--threads", "N", "Threads for computing on the CPU. [default: OMP_NUM_THREADS, or one per physical core]", 1, 1024);
        return new Verb("job", "Do one piece of the operator's work on an artifact store, and say how it ended.")
        {
            Details = "Kinds: Prepare, Assess, Train, Consolidate, Grow, Migrate, Import, FitRouter, Check, Collect. The result is one line of JSON on standard output. Exit codes: 0 done, 1 failed (try again), "
                + "65 the input is wrong, 75 stopped by SIGTERM after a checkpoint (start it again). A job that is started again goes on, or finds its work done.",
            Examples = ["dylora job --name reverse-assess --request request.json --store store --backbone builtin:dylora-tiny --data reverse.jsonl"],
        }.With(name, request, store, backbone, data, cache, work, message, device, threads).Runs(parsed =>
        {
            var arguments = new JobArguments(
                JobNames.Require(parsed.GetValue(name)!),
                parsed.GetValue(request)!,
                parsed.GetValue(store)!,
                JobArguments.FolderOf(parsed.GetValue(backbone)!),
                parsed.GetValue(data),
                parsed.GetValue(work))
            {
                Cache = parsed.GetValue(cache),
            };
            using var stop = StopRequest.Listen();
            var result = Run(arguments, parsed.GetValue(device) ?? "auto", parsed.GetValue(threads) ?? PhysicalCores.Threads(), stop);
            return Report(result, parsed.GetValue(message));
        });
    }

    [SuppressMessage("Design", "CA1031", Justification = "However it fails, the operator is told.")]
    private static JobResult Run(JobArguments arguments, string device, int threads, StopRequest stop)
    {
        var kind = JobKind.Prepare;
        try
        {
            var text = ReadRequest(arguments.Request);
            kind = KindOf(text);
            var request = ParseRequest(text);
            if (!S3Location.IsOne(arguments.Store))
            {
                Directory.CreateDirectory(arguments.Store);
            }

            set_num_threads(threads);
            using var progress = ProgressReports.To(request, TimeProvider.System, Say);
            List<IProgress<TrainingProgress>> watchers = [new ConsoleProgress(Console.Error, isTerminal: false, TimeProvider.System)];
            if (progress is not null)
            {
                watchers.Add(progress);
            }

            return new JobRun(arguments, request, device, TimeProvider.System, Say, stop.Token) { Progress = watchers }.Run();
        }
        catch (OperationCanceledException) when (stop.IsRequested)
        {
            return Failure(kind, JobOutcome.Interrupted, "Interrupted", "Stopped; what was done so far is saved, and the next try goes on from there.");
        }
        catch (S3Exception error) when (stop.IsRequested)
        {
            return Failure(kind, JobOutcome.Interrupted, "Interrupted", $"Stopped, and not all could be saved: {error.Message}");
        }
        catch (S3Exception error)
        {
            Trace(error);
            return Failure(kind, error.IsPermanent ? JobOutcome.InvalidInput : JobOutcome.Failed, error.Reason, error.Message);
        }
        catch (FormatException error)
        {
            Trace(error);
            return Failure(kind, JobOutcome.InvalidInput, Reasons.InvalidInput, error.Message);
        }
        catch (InvalidInputException error)
        {
            Trace(error);
            return Failure(kind, JobOutcome.InvalidInput, error.Reason, error.Message);
        }
        catch (DatasetException error)
        {
            Trace(error);
            return Failure(kind, JobOutcome.InvalidInput, Reasons.DataInvalid, error.Message);
        }
        catch (Exception error) when (error is ValidationException or InvalidDataException)
        {
            Trace(error);
            return Failure(kind, JobOutcome.InvalidInput, Reasons.InvalidInput, error.Message);
        }
        catch (Exception error)
        {
            Trace(error);
            return Failure(kind, JobOutcome.Failed, Reasons.JobFailed, Shell.Describe(error));
        }
    }

    private static string ReadRequest(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException(Reasons.InvalidInput, $"There is no request at {file}.", error);
        }
    }

    private static JobKind KindOf(string text)
    {
        try
        {
            return Enum.TryParse<JobKind>((string?)JsonNode.Parse(text)?["kind"], out var kind) ? kind : JobKind.Prepare;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return JobKind.Prepare;
        }
    }

    private static JobRequest ParseRequest(string text)
    {
        var request = ContractJson.Read<JobRequest>(text);
        return request.ApiVersion == JobRequest.CurrentVersion
            ? request
            : throw new InvalidInputException(Reasons.InvalidInput, $"The request has version '{request.ApiVersion}', expected {JobRequest.CurrentVersion}; operator and runtime image do not belong together.");
    }

    private static JobResult Failure(JobKind kind, JobOutcome outcome, string reason, string message) =>
        new() { Kind = kind, Outcome = outcome, Reason = reason, Message = Text.Cut(message, 2048) };

    private static int Report(JobResult result, string? file)
    {
        var text = result.ToTerminationMessage();
        Console.WriteLine(text);
        if (result.Outcome != JobOutcome.Succeeded)
        {
            Console.Error.WriteLine($"dylora job: {result.Reason}: {result.Message}");
        }

        if (file is not null)
        {
            // Not by renaming: in a container it is a mount.
            File.WriteAllText(file, text);
        }

        return result.Outcome switch
        {
            JobOutcome.Succeeded => JobExitCode.Succeeded,
            JobOutcome.InvalidInput => JobExitCode.InvalidInput,
            JobOutcome.Interrupted => JobExitCode.Interrupted,
            _ => JobExitCode.Failed,
        };
    }

    private static void Trace(Exception error)
    {
        if (Environment.GetEnvironmentVariable(Shell.DebugVariable) == "1")
        {
            Console.Error.WriteLine(error);
        }
    }

    private static void Say(string text) => Console.Error.WriteLine(text);
}
