using Microsoft.Extensions.Logging;

namespace KubeOps.Operator;

/// <summary>Everything the operator logs.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Debug, "The queue of {Kind} is cleared of {Dropped} visits.")]
    public static partial void QueueCleared(ILogger logger, string kind, int dropped);

    [LoggerMessage(LogLevel.Warning, "{Kind} {Key}: {Message}")]
    public static partial void VisitUnsuccessful(ILogger logger, Exception? error, string kind, string key, string? message);

    [LoggerMessage(LogLevel.Debug, "{Kind} {Key}: the object is gone, and with it the visit.")]
    public static partial void ObjectGone(ILogger logger, string kind, string key);

    [LoggerMessage(LogLevel.Debug, "{Kind} {Key}: the visit is cancelled.")]
    public static partial void VisitCancelled(ILogger logger, string kind, string key);

    [LoggerMessage(LogLevel.Error, "{Kind} {Key}: failure {Failures} in a row; again in {Delay}.")]
    public static partial void VisitFailed(ILogger logger, Exception error, string kind, string key, int failures, TimeSpan delay);

    [LoggerMessage(LogLevel.Error, "{Kind} {Key}: failed for the {Failures}. time, and is given up.")]
    public static partial void VisitFailedForGood(ILogger logger, Exception error, string kind, string key, int failures);

    [LoggerMessage(LogLevel.Error, "{Kind} {Key}: the visit failed and could not be queued again.")]
    public static partial void VisitLost(ILogger logger, Exception error, string kind, string key);

    [LoggerMessage(LogLevel.Information, "{Kind} {Key}: finalized by {Finalizer}.")]
    public static partial void Finalized(ILogger logger, string kind, string key, string finalizer);

    [LoggerMessage(LogLevel.Debug, "{Kind} {Key}: is going, and none of its finalizers is known here.")]
    public static partial void NoFinalizer(ILogger logger, string kind, string key);

    [LoggerMessage(LogLevel.Debug, "{Kind}: listed {Count} objects at version {Version}; watching.")]
    public static partial void Listed(ILogger logger, string kind, int count, string? version);

    [LoggerMessage(LogLevel.Debug, "{Kind}: the version is gone; listing again.")]
    public static partial void VersionGone(ILogger logger, string kind);

    [LoggerMessage(LogLevel.Warning, "{Kind}: watching failed {Failures} times in a row; again in {Delay}.")]
    public static partial void WatchFailed(ILogger logger, Exception error, string kind, int failures, TimeSpan delay);

    [LoggerMessage(LogLevel.Error, "{Kind}: an event of {Name} could not be queued.")]
    public static partial void EventFailed(ILogger logger, Exception error, string kind, string? name);

    [LoggerMessage(LogLevel.Error, "The controller of {Kind} broke off; it is started again.")]
    public static partial void ControllerFailed(ILogger logger, Exception error, string kind);

    [LoggerMessage(LogLevel.Information, "{Identity} leads.")]
    public static partial void Leads(ILogger logger, string identity);

    [LoggerMessage(LogLevel.Information, "{Identity} no longer leads.")]
    public static partial void LeadsNoMore(ILogger logger, string identity);

    [LoggerMessage(LogLevel.Error, "The election failed; again in {Delay}.")]
    public static partial void ElectionFailed(ILogger logger, Exception error, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "The lease could not be given back; it runs out by itself.")]
    public static partial void NotReleased(ILogger logger, Exception error);

    [LoggerMessage(LogLevel.Trace, "Event {Name} is {Original}.")]
    public static partial void EventNamed(ILogger logger, string name, string original);

    [LoggerMessage(LogLevel.Error, "Event {Reason} of {Name} could not be published.")]
    public static partial void EventNotPublished(ILogger logger, Exception error, string reason, string? name);

    [LoggerMessage(LogLevel.Information, "Definition {Name} is installed.")]
    public static partial void DefinitionInstalled(ILogger logger, string name);

    [LoggerMessage(LogLevel.Error, "Definitions could not be installed; again in {Delay}.")]
    public static partial void DefinitionsFailed(ILogger logger, Exception error, TimeSpan delay);

    [LoggerMessage(LogLevel.Error, "Definition {Name} could not be deleted.")]
    public static partial void DefinitionNotDeleted(ILogger logger, Exception error, string name);
}
