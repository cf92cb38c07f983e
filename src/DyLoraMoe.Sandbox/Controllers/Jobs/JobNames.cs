namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>Labels, finalizers, conditions and reasons of the batch/v1 Job.</summary>
internal static class JobNames
{
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";
    public const string ControllerUid = "batch.kubernetes.io/controller-uid";
    public const string JobName = "batch.kubernetes.io/job-name";
    public const string LegacyControllerUid = "controller-uid";
    public const string LegacyJobName = "job-name";
    public const string CompletionIndex = "batch.kubernetes.io/job-completion-index";

    public const string Suspended = "Suspended";
    public const string SuccessCriteriaMet = "SuccessCriteriaMet";
    public const string Complete = "Complete";
    public const string FailureTarget = "FailureTarget";
    public const string Failed = "Failed";

    public const string CompletionsReached = "CompletionsReached";
    public const string BackoffLimitExceeded = "BackoffLimitExceeded";
    public const string DeadlineExceeded = "DeadlineExceeded";
    public const string PodFailurePolicy = "PodFailurePolicy";
}
