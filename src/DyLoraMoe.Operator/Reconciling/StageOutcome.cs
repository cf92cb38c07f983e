using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Jobs;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What becomes of a visit whose work has not succeeded.</summary>
internal static class StageOutcome
{
    // A Job tells of itself; this is for the case that it does not.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    // Of what Kueue thinks of a Job, and of pods that may not be, the Job itself does not tell.
    private static readonly TimeSpan _shortPatience = TimeSpan.FromMinutes(1);

    /// <summary>The outcome, and the condition of what the work is for.</summary>
    /// <param name="stage">How far the work is; not succeeded.</param>
    /// <param name="type">The condition.</param>
    /// <param name="invalid">The reason when the work's input is wrong.</param>
    public static (Finding Finding, Outcome Outcome) Of(JobStage stage, string type, string invalid)
    {
        return stage switch
        {
            JobStage.Waiting waiting => Wait(waiting.Reason, waiting.Message),
            JobStage.Running running => Wait(Reasons.JobRunning, running.Message),
            JobStage.Troubled troubled => (Finding.False(type, troubled.Reason, troubled.Message), Outcome.WaitFor(troubled.Reason, troubled.Message, troubled.Within)),
            JobStage.Rejected rejected => Stop(rejected.Reason, rejected.Message),
            JobStage.Finished { Result: var result } => Stop(ReasonOf(result, invalid), result.Message.Length > 0 ? result.Message : result.Reason),
            _ => throw new ArgumentException($"Unknown stage {stage}.", nameof(stage)),
        };

        (Finding Finding, Outcome Outcome) Wait(string reason, string message) => (Finding.Unknown(type, reason, message), Outcome.WaitFor(reason, message, reason is Reasons.WaitingForQuota or Reasons.Preempted or Reasons.FailedCreate or Reasons.JobRunning ? _shortPatience : _patience));

        (Finding Finding, Outcome Outcome) Stop(string reason, string message) => (Finding.False(type, reason, message), Outcome.Stop(reason, message));
    }

    /// <summary>Why a job has not succeeded, in one word.</summary>
    /// <param name="result">What it came to.</param>
    /// <param name="invalid">The reason when its input is wrong and it does not say how.</param>
    public static string ReasonOf(JobResult result, string invalid) =>
        result.Reason.Length > 0 ? result.Reason
        : result.Outcome == JobOutcome.InvalidInput ? invalid
        : Reasons.JobFailed;
}
