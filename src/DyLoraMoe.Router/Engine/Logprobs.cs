namespace DyLoraMoe.Router.Engine;

/// <summary>Logarithms of the probabilities of one place.</summary>
internal sealed class Logprobs
{
    private readonly float[] _scores;
    private readonly double _normaliser;
    private readonly TokenLogprob[] _top;

    private Logprobs(float[] scores, double normaliser, int count)
    {
        (_scores, _normaliser) = (scores, normaliser);
        _top = [.. Enumerable.Range(0, scores.Length)
            .OrderByDescending(id => scores[id])
            .Take(count)
            .Select(id => new TokenLogprob(id, scores[id] - normaliser, []))];
    }

    /// <summary>Of the scores as the model gives them; they are copied.</summary>
    /// <param name="scores">Score of every token.</param>
    /// <param name="count">How many of the likeliest to name.</param>
    public static Logprobs Of(float[] scores, int count)
    {
        double largest = scores.Max();
        return new Logprobs([.. scores], largest + Math.Log(scores.Sum(score => Math.Exp(score - largest))), count);
    }

    /// <summary>A token's, with the likeliest beside it.</summary>
    public TokenLogprob For(int id) => new(id, _scores[id] - _normaliser, _top);
}
