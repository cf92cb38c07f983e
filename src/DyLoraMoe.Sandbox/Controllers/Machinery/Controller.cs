
namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Something that runs as long as the cluster does.</summary>
internal interface IClusterComponent
{
    string Name { get; }

    Task RunAsync(CancellationToken cancellation);
}

/// <summary>Workers that bring one object at a time closer to what its spec says.</summary>
internal abstract class Controller<TKey>(string name, ClusterContext cluster, int workers = 2) : IClusterComponent
    where TKey : notnull
{
    private readonly ILogger _logger = cluster.Loggers.CreateLogger($"DyLoraMoe.Sandbox.Controllers.{name}");

    public string Name => name;

    protected ClusterContext Cluster => cluster;

    protected WorkQueue<TKey> Queue { get; } = new(cluster.Time);

    protected ILogger Logger => _logger;

    protected DateTime Now => cluster.Now;

    /// <summary>What must have been read once before the first object is looked at.</summary>
    protected abstract IEnumerable<IInformer> Sources { get; }

    /// <summary>Does what there is to do for one object; the answer is when to look again though nothing changed.</summary>
    protected abstract Task<TimeSpan?> ReconcileAsync(TKey key, CancellationToken cancellation);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(Sources.Select(source => source.Synced)).WaitAsync(cancellation);
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(cancellation)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            Queue.Dispose();
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var key = await Queue.TakeAsync(cancellation);
            try
            {
                var again = await ReconcileAsync(key, cancellation);
                Queue.Forget(key);
                if (again is { } delay)
                {
                    Queue.AddAfter(key, delay);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (ApiException e) when (e.IsConflict && !e.IsAlreadyExists)
            {
                Queue.Retry(key);
            }
            catch (Exception e)
            {
                ControllerLog.Failed(_logger, name, key.ToString()!, e.Message, e is ApiException ? null : e);
                Queue.Retry(key);
            }
            finally
            {
                Queue.Done(key);
            }
        }
    }
}

internal static partial class ControllerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller} could not reconcile {Key} and tries again: {Reason}")]
    public static partial void Failed(ILogger logger, string controller, string key, string reason, Exception? exception);
}
