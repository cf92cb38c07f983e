using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Metrics;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Sets;

/// <summary>
/// Loads the set while the server already listens. What is missing or damaged is reported and tried again, each time after twice as long,
/// because a volume may catch up.
/// </summary>
internal sealed partial class SetService(
    ServerOptions options,
    SetState state,
    RouterMetrics metrics,
    TimeProvider time,
    ILogger<SetService> log) : BackgroundService
{
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Reading gigabytes must not hold up the start of the server.
        await Task.Yield();
        var started = time.GetTimestamp();
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        using var loader = new SetLoader(new SetSources(options.Set, options.Store, options.Backbone, options.Device, Environment.GetEnvironmentVariable, options.Engine)
        {
            KeepNovelPrompts = options.KeepNovelPrompts,
            Cache = options.Cache,
            Stop = stoppingToken,
        });
        for (var wait = _firstWait; !stoppingToken.IsCancellationRequested; wait = TimeSpan.FromTicks(Math.Min(_longestWait.Ticks, wait.Ticks * 2)))
        {
            try
            {
                var set = loader.Load(stoppingToken);
                state.Serve(new ServedSet(set, new GenerationEngine(set, options.Engine, metrics, time), time.GetUtcNow().ToUnixTimeSeconds()));
                var elapsed = time.GetElapsedTime(started);
                if (options.Engine.MaxContext > set.Model.Config.MaxPositions)
                {
                    LogContext(options.Engine.MaxContext.Value, set.Model.Config.MaxPositions);
                }

                LogServing(set.Revision, set.Experts.Count, set.Model.Device, set.Model.DataType, elapsed);
                return;
            }
            catch (SetException error)
            {
                state.Report(new SetProblem(error.Part, error.Message, IsLoading: false));
                LogProblem(error.Part, error.Message, wait.TotalSeconds);
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving set {Revision} with {Experts} experts on {Device} in {DataType} after {Elapsed}")]
    private partial void LogServing(string revision, int experts, TorchSharp.torch.Device device, TorchSharp.torch.ScalarType dataType, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A context of {Asked} tokens was asked for and the backbone has {Own}: requests may have {Own}. Lower --max-context (serving.limits.maxContext) or leave it out.")]
    private partial void LogContext(int asked, int own);

    [LoggerMessage(Level = LogLevel.Error, Message = "The set cannot be served ({Part}): {Reason} Trying again in {Seconds} s.")]
    private partial void LogProblem(string part, string reason, double seconds);
}
