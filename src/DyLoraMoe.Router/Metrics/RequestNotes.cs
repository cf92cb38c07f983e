using DyLoraMoe.Router.Endpoints;
using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Metrics;

/// <summary>What a request turned out to be, for the log and the metrics. Never its text.</summary>
internal sealed class RequestNotes
{
    private static readonly object _key = new();

    public string? Model { get; private set; }

    public string? Expert { get; private set; }

    public Usage? Usage { get; private set; }

    /// <summary>The error that ended an answer when it was too late for a status; null where there was none.</summary>
    public ApiException? Error { get; private set; }

    /// <summary>The notes of a request.</summary>
    public static RequestNotes Of(HttpContext context)
    {
        if (context.Items[_key] is not RequestNotes notes)
        {
            context.Items[_key] = notes = new RequestNotes();
        }

        return notes;
    }

    /// <summary>Notes that an answer ended by an error after its status was sent.</summary>
    public void Failed(ApiException error) => Error = error;

    public void Set(string model, string expert, Usage usage) => (Model, Expert, Usage) = (model, expert, usage);
}
