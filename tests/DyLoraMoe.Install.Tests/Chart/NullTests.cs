using System.Text.Json.Nodes;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>Helm's way to take a default away: it means none, or is refused by its name; a template never meets it unawares.</summary>
public sealed class NullTests
{
    // The cluster gives ids itself, and any node will do.
    private static readonly string[] _leftOut = ["operator.runAsUser", "operator.runAsGroup", "operator.nodeSelector"];

    // Everything that a template makes, so that each value is asked for.
    private static readonly string[] _everything =
    [
        "metrics.serviceMonitor.enabled=true", "metrics.podMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboards.enabled=true",
        "networkPolicy.enabled=true", "networkPolicy.workloads=true", "backbone.create=true",
    ];

    private static readonly JsonObject _defaults = JsonNode.Parse(Renderer.Values(ChartCases.Defaults))!.AsObject();

    private static readonly Lazy<(string Manifests, string Notes)> _whole = new(() => (Renderer.Template(With(_everything)), Renderer.Notes(With(_everything))));

    public static TheoryData<string> Needed => [.. Paths(_defaults).Where(path => !MayBeNone(path))];

    public static TheoryData<string> Unneeded => [.. Paths(_defaults).Where(path => MayBeNone(path) && !_leftOut.Contains(path))];

    [Theory]
    [MemberData(nameof(Needed))]
    public void What_is_needed_is_refused_by_its_name(string path)
    {
        var (above, name) = path.LastIndexOf('.') is var dot and >= 0 ? ("/" + path[..dot].Replace('.', '/'), path[(dot + 1)..]) : ("", path);

        Assert.Contains(SchemaTests.Errors(With([$"{path}=null"])), error => error.StartsWith(above + ":", StringComparison.Ordinal) && error.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Unneeded))]
    public void What_is_empty_already_stays_as_it_is(string path)
    {
        var values = With([.. _everything, $"{path}=null"]);

        Assert.Empty(SchemaTests.Errors(values));
        Assert.Equal(_whole.Value, (Renderer.Template(values), Renderer.Notes(values)));
    }

    [Fact]
    public void Ids_are_left_to_a_cluster_that_gives_them_itself()
    {
        Assert.Equal("""{"runAsNonRoot":true,"runAsUser":65532,"runAsGroup":65532,"fsGroup":65532,"seccompProfile":{"type":"RuntimeDefault"}}""", Assert.Single(Contexts([])));
        Assert.Equal("""{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}""", Assert.Single(Contexts(["operator.runAsUser=null", "operator.runAsGroup=null"])));

        static IEnumerable<string> Contexts(string[] set) =>
            YamlJson.Read(Renderer.Template(With(set))).Select(manifest => manifest.PodSpec()).OfType<JsonObject>().Select(pod => pod["securityContext"]!.ToJsonString()).Distinct();
    }

    // As a part of another chart a value may still be there with null in it.
    [Fact]
    public void Ids_that_another_chart_takes_away_fit()
    {
        var values = _defaults.DeepClone().AsObject();
        values["operator"]!["runAsUser"] = null;
        values["operator"]!["runAsGroup"] = null;

        Assert.Empty(SchemaTests.ErrorsOf(values));
        values["operator"]!["replicas"] = null;
        Assert.Contains(SchemaTests.ErrorsOf(values), error => error.StartsWith("/operator/replicas:", StringComparison.Ordinal));
    }

    // Helm can be told to leave the schema aside.
    [Fact]
    public void A_network_is_never_opened_by_ports_that_nobody_named() =>
        Assert.Contains("apiServerPorts", Assert.Throws<RenderException>(() => Renderer.Template(With(["networkPolicy.enabled=true", "networkPolicy.apiServerPorts=null"]))).Message, StringComparison.Ordinal);

    private static ChartCase With(string[] set) => new(string.Join(',', set)) { Set = set, KnowsBackbones = true };

    private static bool MayBeNone(string path) => _leftOut.Contains(path) || IsEmpty(path.Split('.').Aggregate((JsonNode?)_defaults, (node, name) => node![name]));

    private static bool IsEmpty(JsonNode? value) => value is JsonObject { Count: 0 } or JsonArray { Count: 0 } || (value is JsonValue text && text.TryGetValue<string>(out var content) && content.Length == 0);

    // Maps of a user's own, and specs of Kubernetes, are theirs.
    private static IEnumerable<string> Paths(JsonObject values, string above = "") => values.SelectMany(value => value.Value switch
    {
        JsonObject { Count: > 0 } table when above + value.Key is not ("operator.resources" or "operator.nodeSelector" or "backbone.spec") => Paths(table, $"{above}{value.Key}.").Prepend(above + value.Key),
        _ => [above + value.Key],
    });
}
