using System.Collections;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>Chooses the next token of every row, each by its own settings and its own draws.</summary>
/// <param name="endTokens">Tokens that end an answer.</param>
/// <param name="texts">The texts of the tokens, for answers with a form.</param>
/// <remarks>Shapes: B rows, V vocabulary.</remarks>
internal sealed class TokenChooser(IReadOnlySet<int> endTokens, AnswerTexts texts)
{
    private readonly JsonTokens _json = new(texts);

    /// <summary>Chooses and hands every row its token.</summary>
    /// <param name="logits">Scores, (B, V).</param>
    /// <param name="rows">The rows.</param>
    /// <returns>The rows that got none, since their scores are not finite, or none of the vocabulary's tokens fits their form.</returns>
    public IReadOnlyList<Unanswerable> Choose(Tensor logits, IReadOnlyList<Sequence> rows)
    {
        using var scope = NewDisposeScope();
        var scores = logits.to_type(ScalarType.Float32);
        var (most, at) = scores.max(-1);                                                                   // (B) each; what is not a number is the largest
        var (largest, likeliest) = (most.cpu().data<float>().ToArray(), at.cpu().data<long>().ToArray());
        List<Unanswerable> broken = [];
        for (var row = 0; row < rows.Count; row++)
        {
            if (!float.IsFinite(largest[row]))
            {
                broken.Add(new(rows[row], IsFinite: false));
                continue;
            }

            var (recalled, settings) = (rows[row].Recalled, rows[row].Request.Settings);
            var (id, logprob) = settings.IsPlainGreedy || (recalled is not null && settings.TopLogprobs is null)
                ? (recalled ?? (int)likeliest[row], null)
                : Choose(rows[row], scores.select(0, row).cpu().data<float>().ToArray());
            if (id is { } chosen)
            {
                rows[row].Accept(chosen, endTokens.Contains(chosen), logprob);
            }
            else
            {
                broken.Add(new(rows[row], IsFinite: true));
            }
        }

        return broken;
    }

    private (int? Id, TokenLogprob? Logprob) Choose(Sequence row, float[] scores)
    {
        var settings = row.Request.Settings;
        var named = settings.TopLogprobs is { } count ? Logprobs.Of(scores, count) : null;
        if (row.Recalled is { } recalled)
        {
            return (recalled, named?.For(recalled));
        }

        foreach (var (token, times) in row.Counts)
        {
            scores[token] -= (float)(settings.PresencePenalty + (settings.FrequencyPenalty * times));
        }

        if (row.Json is { } guard && !Restrict(scores, _json.After(guard.State), settings.Temperature))
        {
            return (null, null);
        }

        var id = settings.Temperature == 0 ? Likeliest(scores) : Nucleus.Draw(scores, settings, row.Draws.NextDouble());
        return (id, named?.For(id));
    }

    // Of the tokens that fit those are left which are likely beside the likeliest of them: the others together are never drawn in practice. False when none fits.
    private static bool Restrict(Span<float> scores, BitArray fitting, double temperature)
    {
        var most = float.NegativeInfinity;
        for (var id = 0; id < scores.Length; id++)
        {
            most = fitting[id] ? Math.Max(most, scores[id]) : most;
        }

        var floor = temperature == 0 ? most : most - (float)(12 * Math.Max(temperature, 0.1));
        for (var id = 0; id < scores.Length; id++)
        {
            scores[id] = fitting[id] && scores[id] >= floor ? scores[id] : float.NegativeInfinity;
        }

        return float.IsFinite(most);
    }

    private static int Likeliest(float[] scores)
    {
        var best = 0;
        for (var id = 1; id < scores.Length; id++)
        {
            best = scores[id] > scores[best] ? id : best;
        }

        return best;
    }
}

/// <summary>A sequence that got no token.</summary>
/// <param name="Row">The sequence.</param>
/// <param name="IsFinite">Whether its scores are numbers, so that what is missing is a token that fits its form.</param>
internal sealed record Unanswerable(Sequence Row, bool IsFinite);
