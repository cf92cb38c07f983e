namespace DyLoraMoe.Router.Engine;

/// <summary>Follows an answer that must be one JSON object.</summary>
internal sealed class JsonGuard
{
    private JsonState _state;

    /// <summary>Where it is.</summary>
    public JsonState State => _state;

    /// <summary>Whether the object is closed.</summary>
    public bool IsComplete => _state.IsComplete;

    /// <summary>Whether the text can go on with <paramref name="text"/>.</summary>
    public bool Allows(string text)
    {
        var tried = _state;
        tried.Accept(text);
        return !tried.IsBroken;
    }

    /// <summary>Takes in text that was chosen.</summary>
    public void Accept(string text) => _state.Accept(text);
}
