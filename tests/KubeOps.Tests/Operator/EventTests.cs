using KubeOps.Abstractions.Events;
using KubeOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Tests.Operator;

public sealed class EventTests
{
    [Fact]
    public async Task The_same_event_again_counts_up_and_another_is_another_object()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a"));
        var publish = @operator.Services.GetRequiredService<EventPublisher>();

        await publish(thing, "Trained", "It is trained.");
        await publish(thing, "Trained", "It is trained.");
        await publish(thing, "Broken", "It is broken.", EventType.Warning);

        var events = server.All("events/default/");
        Assert.Equal(2, events.Count);
        var trained = Assert.Single(events, found => (string?)found["reason"] == "Trained");
        Assert.Equal(2, (int)trained["count"]!);
        Assert.Equal("Normal", (string?)trained["type"]);
        Assert.Equal(thing.Metadata.Uid, (string?)trained["involvedObject"]!["uid"]);
        Assert.Equal("test-operator", (string?)trained["source"]!["component"]);
        Assert.Equal("Warning", (string?)Assert.Single(events, found => (string?)found["reason"] == "Broken")["type"]);
    }

    [Fact]
    public async Task An_event_that_cannot_be_published_does_not_disturb_the_visit()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a"));
        server.FailNext("POST", "/events", status: 403);
        await @operator.Services.GetRequiredService<EventPublisher>()(thing, "Trained", "It is trained.");
        Assert.Empty(server.All("events/default/"));
    }
}
