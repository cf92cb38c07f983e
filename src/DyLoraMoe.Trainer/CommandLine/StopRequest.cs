using System.Runtime.InteropServices;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>
/// Turns the first Ctrl-C or SIGTERM into a request to save and stop. A second one ends the process at once.
/// </summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    private StopRequest() =>
        _registrations = [Register(PosixSignal.SIGINT, 130), Register(PosixSignal.SIGTERM, 143)];

    /// <summary>Cancelled when the work should stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a signal has come.</summary>
    public bool IsRequested => _source.IsCancellationRequested;

    /// <summary>Starts to listen; disposing gives the signals back their usual meaning.</summary>
    public static StopRequest Listen() => new();

    /// <summary>Ends the verb with the signal's exit code when one has come.</summary>
    public void ThrowIfRequested()
    {
        if (IsRequested)
        {
            throw new StoppedException(_exitCode);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, int exitCode) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0;
            if (context.Cancel)
            {
                Console.Error.WriteLine("Stopping after this step; once more to stop at once.");
                _source.Cancel();
            }
        });
}
