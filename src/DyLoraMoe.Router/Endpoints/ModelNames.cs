using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>
/// The names that a request may ask for: <c>BACKBONE</c> leaves the choice to the router, <c>BACKBONE:EXPERT</c> takes one expert, and
/// <c>BACKBONE:@backbone</c>, which no expert can be called, takes none.
/// </summary>
internal static class ModelNames
{
    /// <summary>What stands for the bare backbone.</summary>
    public const string Bare = "@backbone";

    /// <summary>What a name asks for.</summary>
    /// <exception cref="ApiException">There is no such model.</exception>
    public static ExpertChoice Resolve(LoadedSet set, string? model)
    {
        if (string.IsNullOrEmpty(model))
        {
            throw ApiException.Invalid("model", "'model' is missing. GET /v1/models lists what can be asked for.");
        }

        var backbone = set.Document.Backbone.Name;
        if (model == backbone)
        {
            return ExpertChoice.Routed;
        }

        var expert = model.StartsWith(backbone + ":", StringComparison.Ordinal) ? model[(backbone.Length + 1)..] : null;
        return expert switch
        {
            Bare => ExpertChoice.Backbone,
            not null when set.IndexOf(expert) >= 0 => ExpertChoice.Of(expert),
            _ => throw ApiException.NoSuchModel(model),
        };
    }
}
