// Serves a set as dylora-router would, without a model: ready unless an expert of the set was marked as unservable (see the stub trainer).
using System.Globalization;
using System.Text.Json.Nodes;
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
app.MapGet("/v1/novelty", () => Results.Text("""{"groups": []}""", "application/json"));
app.MapGet("/metrics", Metrics);
app.MapPost("/v1/route", (JsonObject body) => Results.Text(Routed((string)(body["prompt"] ?? body["messages"]!.AsArray().Last()!["content"])!), "application/json"));
app.MapPost("/v1/completions", (HttpContext http, JsonObject body) => AnswerAsync(http, body, (string)body["prompt"]!, isChat: false));
app.MapPost("/v1/chat/completions", (HttpContext http, JsonObject body) => AnswerAsync(http, body, (string)body["messages"]!.AsArray().Last()!["content"]!, isChat: true));
await app.RunAsync();

// A prompt goes to the expert whose name it holds, and what it is answered is the prompt backwards, word by word.
string Routed(string prompt) => new JsonObject { ["object"] = "dylora.route", ["model"] = set.Backbone.Name, ["prompt_tokens"] = prompt.Length, ["dylora"] = Routing(prompt) }.ToJsonString();

JsonObject Routing(string prompt) => new()
{
    ["set"] = set.ComputeRevision(),
    ["mode"] = "sparse",
    ["backbone"] = set.Experts.Any(expert => IsFor(expert, prompt)) ? 0 : 1,
    ["entropy"] = 0.25,
    ["experts"] = new JsonArray([.. set.Experts.Select(expert => (JsonNode?)new JsonObject { ["name"] = expert.Name, ["weight"] = IsFor(expert, prompt) ? 1 : 0, ["probability"] = IsFor(expert, prompt) ? 0.875 : 0.125 / set.Experts.Count })]),
    ["novelty"] = set.Experts.Count == 0 ? null : new JsonObject { ["novel"] = false, ["p_value"] = 0.31, ["distance"] = 4.2, ["nearest_skill"] = set.Experts[0].Name, ["nearest_expert"] = set.Experts[0].Name },
};

bool IsFor(SetMember expert, string prompt) => prompt.Contains(expert.Name, StringComparison.Ordinal);

async Task AnswerAsync(HttpContext http, JsonObject body, string prompt, bool isChat)
{
    var model = (string)body["model"]!;
    if (!model.StartsWith(set.Backbone.Name, StringComparison.Ordinal))
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        await http.Response.WriteAsJsonAsync(new { error = new { message = $"There is no model '{model}'.", code = "model_not_found" } });
        return;
    }

    http.Response.ContentType = "text/event-stream";
    var routing = Routing(model.Contains(':', StringComparison.Ordinal) ? model : prompt);
    foreach (var (word, index) in prompt.Split(' ').Reverse().Select((word, index) => (word, index)))
    {
        var text = index == 0 ? word : " " + word;
        var choice = isChat ? new JsonObject { ["delta"] = new JsonObject { ["content"] = text } } : new JsonObject { ["text"] = text };
        var chunk = new JsonObject { ["model"] = model, ["choices"] = new JsonArray(choice), ["dylora"] = index == 0 ? routing : null };
        await http.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n");
        await http.Response.Body.FlushAsync();
    }

    await http.Response.WriteAsync("data: [DONE]\n\n");
}

// As if every expert had had its turn.
string Metrics() => string.Concat(
    set.Experts.Select(expert => string.Create(CultureInfo.InvariantCulture, $"dylora_router_expert_share{{expert=\"{expert.Name}\"}} {1.0 / set.Experts.Count}\n"))
        .Prepend($"dylora_router_prompt_seconds_count {set.Experts.Count}\n"));

bool IsUnservable(SetMember expert)
{
    var file = Path.Combine(options["--store"], "stub", expert.Digest.Replace(':', '-'));
    return File.Exists(file) && File.ReadAllLines(file).Contains("unservable");
}
