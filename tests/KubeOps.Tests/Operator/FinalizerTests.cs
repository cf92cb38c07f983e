using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Tests.Operator;

public sealed class FinalizerTests
{
    private const string Identifier = "test.dev/goodbyefinalizer";

    private int _calls;

    [Fact]
    public async Task A_finalizer_is_attached_runs_before_the_end_and_is_taken_off()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await StartAsync(server, failures: 0);
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit");
        Assert.Equal(Identifier, (string?)server.Find("things/default/a")!["metadata"]!["finalizers"]![0]);

        await @operator.Client.DeleteAsync<Thing>("a", "default");

        await Wait.UntilAsync(() => !@operator.Visits.Deleted.IsEmpty, "the object is gone");
        Assert.Null(server.Find("things/default/a"));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_finalizer_that_fails_is_tried_again_and_the_object_stays_until_then()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await StartAsync(server, failures: 3);
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit");
        await @operator.Client.DeleteAsync<Thing>("a", "default");
        await Wait.UntilAsync(() => server.Find("things/default/a") is null, "the object is gone");
        Assert.Equal(4, _calls);
    }

    [Fact]
    public async Task A_conflict_while_the_finalizer_is_taken_off_is_retried()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await StartAsync(server, failures: 0);
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit");
        server.FailNext("PUT", "/things/a", status: 409);
        await @operator.Client.DeleteAsync<Thing>("a", "default");
        await Wait.UntilAsync(() => server.Find("things/default/a") is null, "the object is gone");
    }

    [Fact]
    public async Task A_finalizer_after_another_operators_waits_for_that_and_one_before_it_does_not()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await StartAsync(server, failures: 0, settings => settings.AutoAttachFinalizers = false);
        await CreateAsync("waits", "else.dev/other", Identifier);
        await CreateAsync("first", Identifier, "else.dev/other");
        await Wait.UntilAsync(() => @operator.Visits.Of("waits") == 1 && @operator.Visits.Of("first") == 1, "the visits");

        await @operator.Client.DeleteAsync<Thing>("waits", "default");
        await @operator.Client.DeleteAsync<Thing>("first", "default");
        await Wait.UntilAsync(() => Finalizers("first") == "else.dev/other", "ours is taken off");
        await Wait.AMomentAsync();
        Assert.Equal((1, $"else.dev/other {Identifier}"), (_calls, Finalizers("waits")));

        var waits = await @operator.Client.GetAsync<Thing>("waits", "default");
        waits!.Metadata.Finalizers = [Identifier];
        await @operator.Client.UpdateAsync(waits);
        await Wait.UntilAsync(() => server.Find("things/default/waits") is null, "the object is gone");

        async Task CreateAsync(string name, params string[] finalizers)
        {
            var thing = Thing.Named(name);
            thing.Metadata.Finalizers = [.. finalizers];
            await @operator.Client.CreateAsync(thing);
        }

        string Finalizers(string name) => string.Join(' ', server.Find($"things/default/{name}")!["metadata"]!["finalizers"]!.AsArray().Select(each => (string?)each));
    }

    [Fact]
    public async Task Without_automation_the_attacher_attaches()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await StartAsync(server, failures: 0, settings => settings.AutoAttachFinalizers = false);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit");
        Assert.Null(server.Find("things/default/a")!["metadata"]!["finalizers"]);

        var attach = @operator.Services.GetRequiredService<EntityFinalizerAttacher<GoodbyeFinalizer, Thing>>();
        var attached = await attach(thing);

        Assert.True(attached.HasFinalizer(Identifier));
        Assert.NotNull(server.Find("things/default/a")!["metadata"]!["finalizers"]);
    }

    [Fact]
    public void A_finalizer_is_named_after_its_class_and_the_group() =>
        Assert.Equal(Identifier, new GoodbyeFinalizer(this).GetIdentifierName(Thing.Named("a")));

    private Task<TestOperator> StartAsync(
        FakeApiServer server,
        int failures,
        Action<OperatorSettingsBuilder>? settings = null) =>
        TestOperator.StartAsync(server, settings, add =>
        {
            add.Services.AddSingleton(this);
            _calls = 0;
            Failures = failures;
            add.AddController<ThingController, Thing>().AddFinalizer<GoodbyeFinalizer, Thing>(Identifier);
        });

    private int Failures { get; set; }

    private sealed class GoodbyeFinalizer(FinalizerTests tests) : IEntityFinalizer<Thing>
    {
        public Task<ReconciliationResult<Thing>> FinalizeAsync(Thing entity, CancellationToken cancellationToken) =>
            ++tests._calls <= tests.Failures
                ? throw new InvalidOperationException("not yet")
                : Task.FromResult(ReconciliationResult<Thing>.Success(entity));
    }
}
