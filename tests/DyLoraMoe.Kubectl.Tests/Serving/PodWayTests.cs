using System.Net.WebSockets;
using DyLoraMoe.Kubectl.Serving;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Tests.Serving;

public sealed class PodWayTests
{
    private static readonly WebSocketException _gone = new("The server returned status code '404' when status code '101' was expected.");

    private readonly List<string> _asked = [];
    private readonly Queue<string> _pods = new(["old", "new", "newer"]);

    [Fact]
    public async Task A_pod_that_a_roll_has_taken_is_replaced_by_one_that_is_there()
    {
        var way = Way(pod => pod == "old" ? throw _gone : new MemoryStream());
        await way.ChooseAsync(default);

        await way.OpenAsync(default);
        await way.OpenAsync(default);

        Assert.Equal(["old", "new", "new"], _asked);
    }

    [Fact]
    public async Task A_pod_that_is_there_and_cannot_be_reached_is_an_error_at_once()
    {
        var way = Way(_ => throw new WebSocketException("The server returned status code '403' when status code '101' was expected."));

        await Assert.ThrowsAsync<WebSocketException>(() => way.OpenAsync(default));

        Assert.Equal(["old"], _asked);
    }

    private PodWay Way(Func<string, Stream> open) => new(
        _ => Task.FromResult(new V1Pod { Metadata = new V1ObjectMeta { Name = _pods.Dequeue() } }),
        (pod, _) =>
        {
            _asked.Add(pod.Metadata.Name);
            return Task.FromResult(open(pod.Metadata.Name));
        });
}
