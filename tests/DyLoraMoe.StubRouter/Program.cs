// Serves a set as dylora-router would, without a model: ready unless an expert of the set was marked as unservable (see the stub trainer).
using System.Globalization;
using DyLoraMoe.Api;

var options = Enumerable.Range(0, args.Length / 2).ToDictionary(index => args[2 * index], index => args[(2 * index) + 1], StringComparer.Ordinal);
var set = ContractJson.Read<SetRevision>(File.ReadAllText(options["--set"]));
var unservable = set.Experts.FirstOrDefault(IsUnservable);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://{options["--address"]}:{options["--port"]}");
var app = builder.Build();
app.MapGet("/healthz", () => "ok");
app.MapGet("/readyz", () => unservable is null ? Results.Text("ok") : Results.Text($"The expert {unservable.Name} is damaged.", statusCode: StatusCodes.Status503ServiceUnavailable));
app.MapGet("/v1/set", () => Results.Text($"{{\"revision\":\"{set.ComputeRevision()}\"}}", "application/json"));
app.MapGet("/metrics", Metrics);
await app.RunAsync();

// As if every expert had had its turn.
string Metrics() => string.Concat(
    set.Experts.Select(expert => string.Create(CultureInfo.InvariantCulture, $"dylora_router_expert_share{{expert=\"{expert.Name}\"}} {1.0 / set.Experts.Count}\n"))
        .Prepend($"dylora_router_prompt_seconds_count {set.Experts.Count}\n"));

bool IsUnservable(SetMember expert)
{
    var file = Path.Combine(options["--store"], "stub", expert.Digest.Replace(':', '-'));
    return File.Exists(file) && File.ReadAllLines(file).Contains("unservable");
}
