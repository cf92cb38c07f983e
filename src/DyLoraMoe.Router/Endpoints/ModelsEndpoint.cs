using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>GET /v1/models</c>: the backbone with its router, each expert by itself, and the bare backbone.</summary>
internal static class ModelsEndpoint
{
    /// <summary>Answers.</summary>
    public static Task HandleAsync(HttpContext context)
    {
        var (set, engine, since) = Serving.Require(context);
        var name = set.Document.Backbone.Name;
        ModelCard Card(string id, string root, string? parent) => new(id, "model", since, "dylora", root, engine.MaxContext) { Parent = parent };
        List<ModelCard> cards =
        [
            Card(name, name, null),
            .. set.Experts.Select(expert => Card($"{name}:{expert.Member.Name}", expert.Member.Digest, name)),
            Card($"{name}:{ModelNames.Bare}", name, name),
        ];
        if (context.Request.RouteValues.TryGetValue("model", out var asked))
        {
            var card = cards.Find(each => each.Id == asked as string) ?? throw ApiException.NoSuchModel(asked as string ?? "");
            return Replies.WriteAsync(context, card, WireJson.Default.ModelCard);
        }

        return Replies.WriteAsync(context, new ModelList("list", cards), WireJson.Default.ModelList);
    }
}
