using System.Collections;

namespace DyLoraMoe.Router.Engine;

/// <summary>Which tokens may come next in a JSON object. What was found out is kept, since answers come back to the same few states.</summary>
/// <param name="texts">The tokens' texts.</param>
internal sealed class JsonTokens(AnswerTexts texts)
{
    // A vocabulary of 128,000 takes 16 kB a state.
    private const int MostStates = 256;

    private readonly Dictionary<JsonState, BitArray> _known = [];

    /// <summary>How many texts were followed to find out.</summary>
    public long Followed { get; private set; }

    /// <summary>The tokens that may follow a state, a bit each; to be read only.</summary>
    public BitArray After(JsonState state)
    {
        state = state.Within(texts.MostOpenings, texts.MostClosings);
        if (!_known.TryGetValue(state, out var allowed))
        {
            if (_known.Count == MostStates)
            {
                _known.Clear();
            }

            _known[state] = allowed = Find(state);
        }

        return allowed;
    }

    private BitArray Find(JsonState state)
    {
        var allowed = new BitArray(texts.Count);
        foreach (var (first, ids) in texts.ByFirst)
        {
            var begun = state;
            begun.Accept([first]);
            foreach (var id in begun.IsBroken ? [] : ids)
            {
                var tried = begun;
                tried.Accept(texts[id].AsSpan(1));
                allowed[id] = !tried.IsBroken;
                Followed++;
            }
        }

        return allowed;
    }
}
