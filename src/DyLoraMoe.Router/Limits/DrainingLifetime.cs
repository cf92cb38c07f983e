using System.Runtime.InteropServices;

namespace DyLoraMoe.Router.Limits;

/// <summary>
/// Stops in an order that loses no request: first <c>/readyz</c> says no, while requests are still taken in from whoever has not noticed;
/// then the server stops listening and the running requests finish, within the grace period.
/// </summary>
internal sealed partial class DrainingLifetime(
    DrainState state,
    ServerOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DrainingLifetime> log) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, options.DrainDelay)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, TimeSpan.Zero)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Handle(PosixSignalContext context, TimeSpan delay)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            state.Begin();
            LogDraining(delay.TotalSeconds, options.Grace.TotalSeconds);
            _ = StopLaterAsync(delay);
        }
    }

    private async Task StopLaterAsync(TimeSpan delay)
    {
        await Task.Delay(delay, time, CancellationToken.None).ConfigureAwait(false);
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: not ready from now on, no new requests after {Delay} s, running ones have {Grace} s more")]
    private partial void LogDraining(double delay, double grace);
}
