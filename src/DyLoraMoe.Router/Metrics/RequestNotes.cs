using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Metrics;

/// <summary>What a request turned out to be, for the log and the metrics. Never its text.</summary>
internal sealed class RequestNotes
{
    private static readonly object _key = new();

    public string? Model { get; private set; }

    public string? Expert { get; private set; }

    public Usage? Usage { get; private set; }

    /// <summary>The notes of a request.</summary>
    public static RequestNotes Of(HttpContext context)
    {
        if (context.Items[_key] is not RequestNotes notes)
        {
            context.Items[_key] = notes = new RequestNotes();
        }

        return notes;
    }

    public void Set(string model, string expert, Usage usage) => (Model, Expert, Usage) = (model, expert, usage);
}
