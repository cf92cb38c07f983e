using System.Net;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Learn;
using DyLoraMoe.Kubectl.Output;
using k8s.Autorest;

namespace DyLoraMoe.Kubectl.Tests.Cluster;

/// <summary>What waits and watches do when the API server fails for a moment.</summary>
public sealed class PassingErrorsTests
{
    private static readonly object _none = new { items = Array.Empty<object>() };

    [Fact]
    public async Task A_wait_for_a_skill_outlasts_them_says_them_once_and_asks_for_no_other_objects()
    {
        await using var api = await ScriptedApi.StartAsync((call, times) => (call, times) switch
        {
            ("GET skills/reverse", 1) => 429,
            ("GET skills/reverse", 2) => 0,
            ("GET backbones/tiny", 1) => 503,
            ("GET skills/reverse", _) => Objects.Skill(),
            ("GET backbones/tiny", _) => Objects.Backbone(),
            ("GET loraexperts/reverse", _) => Objects.Expert(),
            _ => 400,
        });

        var (code, output, errors) = await WaitAsync(api, null);

        Assert.Equal((ExitCode.Done, "Serving: Expert reverse serves it.\n"), (code, output));
        Assert.Equal("The API server is too busy: as scripted; it is asked again.\n", errors);
        Assert.Equal(["GET backbones/tiny", "GET loraexperts/reverse", "GET skills/reverse"], api.Asked.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_is_over_or_when_asking_again_does_not_help()
    {
        await using var busy = await ScriptedApi.StartAsync((_, _) => 500);
        var (code, _, errors) = await WaitAsync(busy, TimeSpan.Zero);

        Assert.Equal(ExitCode.TimedOut, code);
        Assert.StartsWith("The API server has failed: as scripted; it is asked again.\nkubectl dylora learn: not served within 0s", errors, StringComparison.Ordinal);

        await using var closed = await ScriptedApi.StartAsync((_, _) => 403);
        await Assert.ThrowsAsync<HttpOperationException>(() => WaitAsync(closed, null));
    }

    [Fact]
    public async Task A_watch_outlasts_them_once_it_has_begun()
    {
        await using var api = await ScriptedApi.StartAsync((call, times) => (call, times) switch
        {
            ("GET skills", 2) => 503,
            ("GET skills", 3) => new { items = new[] { Objects.Skill() } },
            ("GET skills", 4) => 401,
            ("GET backbones", _) => new { items = new[] { Objects.Backbone() } },
            _ => _none,
        });

        var outcome = await api.RunAsync("status", "--watch");

        Assert.Equal(2, outcome.Output.Split("Backbone tiny  Ready").Length - 1);
        Assert.Contains("reverse  Ready", outcome.Output, StringComparison.Ordinal);
        Assert.Equal((1, "The API server has failed: as scripted; it is asked again.\nkubectl dylora status: The API server does not accept the credentials of the kubeconfig: log in again.\n"), (outcome.Code, outcome.Errors));

        await using var down = await ScriptedApi.StartAsync((_, _) => 0);
        Assert.StartsWith("kubectl dylora status: The API server cannot be reached: ", (await down.RunAsync("status", "--watch")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_roll_back_outlasts_them()
    {
        await using var api = await ScriptedApi.StartAsync((call, times) => (call, times) switch
        {
            ("GET backbones/tiny", 2) => 503,
            ("GET backbones/tiny" or "PATCH backbones/tiny", _) => Objects.Backbone(backbone =>
            {
                backbone.Status.ObservedGeneration = 1;
                backbone.Status.Conditions = [new() { Type = ConditionTypes.RolledOut, Status = ConditionStatus.True, Reason = Reasons.Serving }];
            }),
            _ => _none,
        });

        var outcome = await api.RunAsync("rollback", "tiny", "--follow", "--wait");

        Assert.True(outcome.Code == 0, outcome.All);
        Assert.Equal("The API server has failed: as scripted; it is asked again.\n", outcome.Errors);
    }

    [Fact]
    public void What_will_not_pass_is_told_from_what_may()
    {
        Assert.True(ClusterErrors.MayPass(new HttpRequestException("Connection reset by peer")));
        Assert.True(ClusterErrors.MayPass(new TaskCanceledException("", new TimeoutException())));
        Assert.False(ClusterErrors.MayPass(new OperationCanceledException()));
        Assert.False(ClusterErrors.MayPass(new HttpRequestException("", new PluginException("the proxy"))));
        Assert.False(ClusterErrors.MayPass(new HttpOperationException { Response = new(new(HttpStatusCode.NotFound), "") }));
    }

    private static async Task<(int Code, string Output, string Errors)> WaitAsync(ScriptedApi api, TimeSpan? patience)
    {
        using var cluster = api.Connect();
        var (output, errors) = (new StringWriter(), new StringWriter());
        var wait = new SkillWait(cluster, new Terminal(output, errors, TextReader.Null, isLive: false, isTyped: false), TimeProvider.System);
        return (await wait.RunAsync("reverse", patience, TestContext.Current.CancellationToken), output.ToString(), errors.ToString());
    }
}
