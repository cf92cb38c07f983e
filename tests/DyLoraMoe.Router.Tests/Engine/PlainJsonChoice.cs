using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

/// <summary>
/// What a token of a JSON object is chosen by, written down as plainly as it is meant: every token is decoded and tried, one after the other, the likeliest
/// first, and those are drawn among that fit and are likely beside the first that does.
/// </summary>
internal sealed class PlainJsonChoice(TextTokenizer tokenizer)
{
    private readonly HashSet<int> _special = [.. tokenizer.EosIds, .. tokenizer.SpecialTokens.Values];

    public int Choose(float[] scores, Sequence row)
    {
        var settings = row.Request.Settings;
        var spread = (float)(12 * Math.Max(settings.Temperature, 0.1));
        var kept = new float[scores.Length];
        Array.Fill(kept, float.NegativeInfinity);
        int? first = null;
        foreach (var id in Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]))
        {
            if (first is { } best && (settings.Temperature == 0 || scores[id] < scores[best] - spread))
            {
                break;
            }

            var decoder = tokenizer.CreateDecoder(startOfText: false);
            var text = decoder.Push(id) + decoder.Flush();
            if (!_special.Contains(id) && text.Length > 0 && row.Json!.Allows(text))
            {
                first ??= id;
                kept[id] = scores[id];
            }
        }

        return settings.Temperature == 0 ? first!.Value : Nucleus.Draw(kept, settings, row.Draws.NextDouble());
    }
}
