using System.Runtime.InteropServices;

namespace DyLoraMoe.Router.Limits;

/// <summary>
/// Stops in an order that loses no request: first <c>/readyz</c> says no, while requests are still taken in from whoever has not noticed, and
/// every answer closes its connection; connections that clients keep are waited for, since a request may be on its way over one that is closed; then
/// the server stops listening and the running requests finish, within the grace period.
/// </summary>
internal sealed partial class DrainingLifetime(
    DrainState state,
    ServerOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DrainingLifetime> log) : IHostLifetime, IDisposable
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(50);

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, options.DrainDelay, options.Linger)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, TimeSpan.Zero, TimeSpan.Zero)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Handle(PosixSignalContext context, TimeSpan delay, TimeSpan linger)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            state.Begin();
            LogDraining(delay.TotalSeconds, linger.TotalSeconds, options.Grace.TotalSeconds);
            _ = StopLaterAsync(delay, linger);
        }
    }

    private async Task StopLaterAsync(TimeSpan delay, TimeSpan linger)
    {
        await Task.Delay(delay, time, CancellationToken.None).ConfigureAwait(false);
        var since = time.GetTimestamp();
        while (state.Connections > 0 && time.GetElapsedTime(since) < linger)
        {
            await Task.Delay(_glance, time, CancellationToken.None).ConfigureAwait(false);
        }

        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: not ready from now on, no new requests after {Delay} s, or {Linger} s more while connections are kept; running ones have {Grace} s after that")]
    private partial void LogDraining(double delay, double linger, double grace);
}
