using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Serving;

public sealed class ListAndWatchTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Pod = """{"restartPolicy":"Never","containers":[{"name":"main","image":"test:1"}]}""";
    private const string Work = $$"""{"template":{"spec":{{Pod}} } }""";

    [Theory]
    [InlineData("set=sel", "a b c d")]
    [InlineData("set=sel,tier=x", "a b")]
    [InlineData("set=sel,tier!=x", "c d")]
    [InlineData("set=sel,tier in (x, y)", "a b c")]
    [InlineData("set=sel,tier notin (x)", "c d")]
    [InlineData("set=sel,tier", "a b c")]
    [InlineData("set=sel,!tier", "d")]
    public async Task Selectors_choose(string selector, string expected)
    {
        foreach ((string name, string tier) in ((string, string)[])[("a", "x"), ("b", "x"), ("c", "y"), ("d", "")])
        {
            string more = tier.Length > 0 ? $",\"tier\":\"{tier}\"" : "";
            await api.SendAsync("POST", ConfigMaps, ConfigMap($"sel-{name}", $"\"set\":\"sel\"{more}"));
        }

        JsonObject list = await api.OkAsync("GET", $"{ConfigMaps}?labelSelector={Uri.EscapeDataString(selector)}");
        Assert.Equal(expected, string.Join(' ', list["items"]!.AsArray().Select(item => ((string)item!["metadata"]!["name"]!)[4..])));
    }

    [Theory]
    [InlineData("/apis/batch/v1/namespaces/default/jobs", "status.successful", "0", "1", Work, Work)]
    [InlineData("/api/v1/namespaces/default/pods", "spec.hostNetwork", "false", "true", Pod, """{"hostNetwork":true,"containers":[{"name":"main","image":"test:1"}]}""")]
    [InlineData("/api/v1/nodes", "spec.unschedulable", "false", "true", "{}", """{"unschedulable":true}""")]
    public async Task A_field_that_is_not_set_is_selected_by_what_it_means(string path, string field, string unset, string set, string without, string with)
    {
        await api.OkAsync("POST", path, $$"""{"metadata":{"name":"unset"},"spec":{{without}} }""");
        await api.OkAsync("POST", path, $$"""{"metadata":{"name":"set"},"spec":{{with}} }""");
        if (field == "status.successful")
        {
            await api.OkAsync("PATCH", path + "/set/status", """{"status":{"succeeded":1}}""", "application/merge-patch+json");
        }

        Assert.Equal("unset", await SelectedAsync($"{field}={unset}"));
        Assert.Equal("set", await SelectedAsync($"{field}={set}"));
        Assert.Equal("unset", await SelectedAsync($"{field}!={set}"));

        async Task<string> SelectedAsync(string selector) =>
            string.Join(' ', (await api.OkAsync("GET", $"{path}?fieldSelector={Uri.EscapeDataString(selector)}"))["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
    }

    [Fact]
    public async Task A_list_in_pieces_is_the_list_as_it_was_at_the_first_piece()
    {
        string[] names = [.. Enumerable.Range(0, 25).Select(number => $"piece-{number:00}")];
        foreach (string name in names)
        {
            await api.OkAsync("POST", ConfigMaps, ConfigMap(name, "\"set\":\"pieces\""));
        }

        List<string> found = [];
        string next = "";
        HashSet<string> versions = [];
        do
        {
            JsonObject piece = await api.OkAsync("GET", $"{ConfigMaps}?labelSelector=set%3Dpieces&limit=10&continue={next}");
            found.AddRange(piece["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
            versions.Add((string)piece["metadata"]!["resourceVersion"]!);
            next = (string?)piece["metadata"]!["continue"] ?? "";
            await api.SendAsync("DELETE", $"{ConfigMaps}/piece-{24 - found.Count / 10:00}");
        }
        while (next.Length > 0);
        Assert.Equal(names, found);
        Assert.Single(versions);
    }

    [Fact]
    public async Task A_watch_from_before_what_is_remembered_is_told_to_list_again()
    {
        JsonObject first = await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"old"}}""");
        await api.OkAsync("PATCH", ConfigMaps + "/old", """{"data":{"a":"1"}}""", "application/merge-patch+json");
        string path = $"{ConfigMaps}?watch=true&timeoutSeconds=20&resourceVersion={first["metadata"]!["resourceVersion"]}";
        using (StreamReader replay = await api.WatchAsync(path))
        {
            Assert.Contains("MODIFIED", await replay.ReadLineAsync(), StringComparison.Ordinal);
        }

        api.Store.ForgetHistory();
        (HttpStatusCode code, JsonObject only) = await api.SendAsync("GET", path);
        Assert.Equal((HttpStatusCode.OK, "ERROR"), (code, (string?)only["type"]));
        Assert.Equal("Status 410 Expired", $"{only["object"]!["kind"]} {only["object"]!["code"]} {only["object"]!["reason"]}");

        using Kubernetes client = api.Kubernetes();
        KubernetesException told = await Assert.ThrowsAsync<KubernetesException>(async () =>
        {
            await foreach ((WatchEventType type, V1ConfigMap item) in client.CoreV1.WatchListNamespacedConfigMapAsync(
                "default", resourceVersion: first["metadata"]!["resourceVersion"]!.ToString(), onError: error => throw error))
            {
                Assert.Fail($"expected no event but the error, found {type} {item.Metadata.Name}");
            }
        });
        Assert.Equal(410, told.Status.Code);
    }

    [Fact]
    public async Task A_hundred_watchers_see_every_one_of_ten_thousand_objects_in_order()
    {
        const int Objects = 10_000, Watchers = 100, Parallel = 64;
        await api.OkAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"crowd"}}""");
        const string Crowd = "/api/v1/namespaces/crowd/configmaps";
        string start = (string)(await api.OkAsync("GET", Crowd))["metadata"]!["resourceVersion"]!;
        long began = Stopwatch.GetTimestamp();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));

        // Of the watchers most follow one object in a hundred, as those of a real cluster follow their own.
        Task<int>[] watchers = [.. Enumerable.Range(0, Watchers).Select(async number =>
        {
            string selector = number < 3 ? "" : $"&labelSelector=part%3Dp{number}";
            using StreamReader watch = await api.WatchAsync($"{Crowd}?watch=true&resourceVersion={start}{selector}", patience.Token);
            int seen = 0;
            ulong last = 0;
            while (seen < (number < 3 ? Objects : Objects / Watchers) && await watch.ReadLineAsync(patience.Token) is { } line)
            {
                int at = line.IndexOf("\"resourceVersion\":\"", StringComparison.Ordinal) + 19;
                ulong version = ulong.Parse(line.AsSpan(at, line.IndexOf('"', at) - at), CultureInfo.InvariantCulture);
                Assert.True(version > last, $"version {version} came after {last}");
                last = version;
                seen++;
            }

            return seen;
        })];
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, Objects), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = patience.Token }, async (number, _) =>
            await api.OkAsync("POST", Crowd, ConfigMap($"o{number}", $"\"part\":\"p{number % Watchers}\"")));
        int[] counts = await Task.WhenAll(watchers);
        Assert.Equal((3 * Objects) + ((Watchers - 3) * (Objects / Watchers)), counts.Sum());
        Assert.Equal(Objects, (await api.OkAsync("GET", Crowd))["items"]!.AsArray().Count);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 60);
    }

    private static string ConfigMap(string name, string labels) => $$"""{"metadata": {"name": "{{name}}", "labels": { {{labels}} } } }""";
}
