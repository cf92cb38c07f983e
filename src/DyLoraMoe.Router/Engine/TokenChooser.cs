using DyLoraMoe.Core.Tokenization;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>Chooses the next token of every row, each by its own settings and its own draws.</summary>
/// <param name="endTokens">Tokens that end an answer.</param>
/// <param name="tokenizer">Knows the text of tokens, for answers with a form.</param>
/// <remarks>Shapes: B rows, V vocabulary.</remarks>
internal sealed class TokenChooser(IReadOnlySet<int> endTokens, TextTokenizer tokenizer)
{
    private readonly HashSet<int> _special = [.. endTokens, .. tokenizer.SpecialTokens.Values];

    /// <summary>Chooses and hands every row its token.</summary>
    /// <param name="logits">Scores, (B, V).</param>
    /// <param name="rows">The rows.</param>
    /// <returns>The rows that got none, since their scores are not finite.</returns>
    public IReadOnlyList<Sequence> Choose(Tensor logits, IReadOnlyList<Sequence> rows)
    {
        using var scope = NewDisposeScope();
        var scores = logits.to_type(ScalarType.Float32);
        var (most, at) = scores.max(-1);                                                                   // (B) each; what is not a number is the largest
        var (largest, likeliest) = (most.cpu().data<float>().ToArray(), at.cpu().data<long>().ToArray());
        List<Sequence> broken = [];
        for (var row = 0; row < rows.Count; row++)
        {
            if (!float.IsFinite(largest[row]))
            {
                broken.Add(rows[row]);
                continue;
            }

            var (recalled, settings) = (rows[row].Recalled, rows[row].Request.Settings);
            var (id, logprob) = settings.IsPlainGreedy || (recalled is not null && settings.TopLogprobs is null)
                ? (recalled ?? (int)likeliest[row], null)
                : Choose(rows[row], scores.select(0, row).cpu().data<float>().ToArray());
            rows[row].Accept(id, endTokens.Contains(id), logprob);
        }

        return broken;
    }

    private (int Id, TokenLogprob? Logprob) Choose(Sequence row, float[] scores)
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

        if (row.Json is { } guard)
        {
            Restrict(scores, guard, settings);
        }

        var id = settings.Temperature == 0 ? Likeliest(scores) : Nucleus.Draw(scores, settings, row.Draws.NextDouble());
        return (id, named?.For(id));
    }

    // Tries tokens from the likeliest on. All that are likely are tried; of the others only as many as it takes to find one that fits.
    private void Restrict(float[] scores, JsonGuard guard, SamplingSettings settings)
    {
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort((float[])scores.Clone(), order);
        Array.Reverse(order);
        var (found, floor) = (false, scores[order[0]] - (float)(12 * Math.Max(settings.Temperature, 0.1)));
        foreach (var id in order)
        {
            var fits = (!found || (scores[id] >= floor && settings.Temperature > 0)) && !_special.Contains(id) && guard.Allows(TextOf(id));
            if (fits && !found)
            {
                (found, floor) = (true, scores[id] - (float)(12 * Math.Max(settings.Temperature, 0.1)));
            }

            scores[id] = fits ? scores[id] : float.NegativeInfinity;
        }
    }

    private string TextOf(int id) => tokenizer.CreateDecoder(startOfText: false).Push(id);

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
