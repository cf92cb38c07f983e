namespace DyLoraMoe.Router.Feedback;

/// <summary>Removes verdicts that are too old also where no new ones come.</summary>
internal sealed partial class FeedbackExpiry(FeedbackStore store, TimeProvider time, ILogger<FeedbackExpiry> log) : BackgroundService
{
    private static readonly TimeSpan _between = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_between, time);
        do
        {
            try
            {
                store.Expire();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogFailed(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Verdicts that are too old could not be removed: {Reason}")]
    private partial void LogFailed(string reason);
}
