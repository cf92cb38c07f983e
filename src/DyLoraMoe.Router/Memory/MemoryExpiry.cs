using DyLoraMoe.Core.Memory;

namespace DyLoraMoe.Router.Memory;

/// <summary>Removes episodes that are too old also where no new ones come.</summary>
internal sealed partial class MemoryExpiry(EpisodeStore store, TimeProvider time, ILogger<MemoryExpiry> log) : BackgroundService
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
                if (store.Unreadable > 0)
                {
                    LogUnreadable(store.Unreadable);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogFailed(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Episodes that are too old could not be removed: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} files of the memory cannot be read and are left alone")]
    private partial void LogUnreadable(int count);
}
