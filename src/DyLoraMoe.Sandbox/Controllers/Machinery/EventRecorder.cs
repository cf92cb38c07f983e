using System.Threading.Channels;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Writes Events behind the back of the controllers; the same event about the same object is counted up.</summary>
internal sealed class EventRecorder(ApiClient api, TimeProvider time, ILogger logger) : IClusterComponent
{
    private const int Remembered = 4096;

    private readonly Channel<Corev1Event> _waiting = Channel.CreateBounded<Corev1Event>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Dictionary<(string Uid, string Reason, string Message), (ObjectKey Key, int Count)> _written = [];
    private long _number;

    public string Name => "Events";

    public void Normal(IKubernetesObject<V1ObjectMeta> about, string source, string reason, string message) =>
        Record(about, source, "Normal", reason, message);

    public void Warning(IKubernetesObject<V1ObjectMeta> about, string source, string reason, string message) =>
        Record(about, source, "Warning", reason, message);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var item in _waiting.Reader.ReadAllAsync(cancellation))
            {
                try
                {
                    await WriteAsync(item, cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    EventLog.Lost(logger, item.Reason, item.InvolvedObject.Name, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private void Record(IKubernetesObject<V1ObjectMeta> about, string source, string type, string reason, string message)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var ns = about.Metadata.NamespaceProperty ?? "default";
        _waiting.Writer.TryWrite(new Corev1Event
        {
            Metadata = new V1ObjectMeta
            {
                NamespaceProperty = ns,
                Name = $"{about.Metadata.Name}.{now.Ticks:x}{Interlocked.Increment(ref _number):x}",
            },
            InvolvedObject = new V1ObjectReference
            {
                ApiVersion = about.ApiVersion,
                Kind = about.Kind,
                Name = about.Metadata.Name,
                NamespaceProperty = about.Metadata.NamespaceProperty,
                Uid = about.Metadata.Uid,
                ResourceVersion = about.Metadata.ResourceVersion,
            },
            Type = type,
            Reason = reason,
            Message = message.Length > 1024 ? message[..1024] : message,
            Source = new V1EventSource { Component = source },
            ReportingComponent = source,
            ReportingInstance = "",
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        });
    }

    private async Task WriteAsync(Corev1Event item, CancellationToken cancellation)
    {
        var same = (item.InvolvedObject.Uid ?? "", item.Reason, item.Message);
        if (_written.TryGetValue(same, out var known))
        {
            try
            {
                await api.MergeAsync<Corev1Event>(
                    known.Key, new { count = known.Count + 1, lastTimestamp = item.LastTimestamp }, null, cancellation);
                _written[same] = (known.Key, known.Count + 1);
                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                _written.Remove(same);
            }
        }

        if (_written.Count >= Remembered)
        {
            _written.Clear();
        }

        var created = await api.CreateAsync(item, cancellation);
        _written[same] = (ObjectKey.Of(created), 1);
    }
}

internal static partial class EventLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "The event {Reason} about {Name} was not written: {Cause}")]
    public static partial void Lost(ILogger logger, string reason, string name, string cause);
}
