using System.Runtime.InteropServices;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.StubTrainer;

using var stop = new CancellationTokenSource();
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});

var arguments = Arguments.Parse(args);
JobResult result;
try
{
    result = new StubJob(arguments, stop.Token).Run();
}
catch (OperationCanceledException)
{
    result = Failure(JobOutcome.Interrupted, "Interrupted", "Stopped after a checkpoint.");
}
catch (Exception error) when (error is IOException or InvalidDataException)
{
    result = Failure(JobOutcome.Failed, "StubFailed", error.Message);
}

if (arguments.TerminationMessage is { } file)
{
    File.WriteAllText(file, result.ToTerminationMessage());
}

Console.WriteLine(ContractJson.Write(result));
return result.Outcome switch
{
    JobOutcome.Succeeded => JobExitCode.Succeeded,
    JobOutcome.InvalidInput => JobExitCode.InvalidInput,
    JobOutcome.Interrupted => JobExitCode.Interrupted,
    _ => JobExitCode.Failed,
};

JobResult Failure(JobOutcome outcome, string reason, string message) =>
    new() { Kind = ContractJson.Read<JobRequest>(File.ReadAllText(arguments.Request)).Kind, Outcome = outcome, Reason = reason, Message = message };
