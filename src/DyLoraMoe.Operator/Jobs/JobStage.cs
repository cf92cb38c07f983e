using DyLoraMoe.Api.Jobs;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>How far work is. Closed, so that whoever reads it can handle every case.</summary>
internal abstract record JobStage
{
    private JobStage()
    {
    }

    /// <summary>It has not begun, or does not get on, for a reason.</summary>
    internal sealed record Waiting(string Reason, string Message) : JobStage;

    /// <summary>It is being done.</summary>
    internal sealed record Running(string Job, string Message) : JobStage;

    /// <summary>It is done, well or badly.</summary>
    /// <param name="Result">How it ended.</param>
    /// <param name="Request">The ConfigMap of its request, where the result is recorded too.</param>
    internal sealed record Finished(JobResult Result, V1ConfigMap Request) : JobStage
    {
        /// <summary>Whether it did what it was to do.</summary>
        public bool IsSuccess => Result.Outcome == JobOutcome.Succeeded;
    }

    /// <summary>It ended for something that may be mended without a change of the spec, and is begun again after a while.</summary>
    internal sealed record Troubled(string Reason, string Message, TimeSpan Within) : JobStage;

    /// <summary>The API server does not take the Job, or would not take its request: only a change of what is asked for helps.</summary>
    internal sealed record Rejected(string Reason, string Message) : JobStage;
}
