using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Neighbouring tokens of a batch that use one adapter and no other.</summary>
/// <param name="Adapter">The adapter's index.</param>
/// <param name="First">The first token among all rows' tokens.</param>
/// <param name="Count">How many tokens.</param>
internal sealed record AdapterRun(int Adapter, long First, long Count)
{
    /// <summary>The runs of a batch; null where a row mixes adapters, or where the runs are too short to pay.</summary>
    /// <param name="weights">Weight of every adapter in every row, (B, E).</param>
    /// <param name="tokens">Tokens per row, T.</param>
    /// <param name="leastTokens">Tokens that a run must have on average.</param>
    public static List<AdapterRun>? Of(Tensor weights, long tokens, int leastTokens)
    {
        using var scope = NewDisposeScope();
        var (rows, experts) = (weights.shape[0], (int)weights.shape[1]);
        var values = weights.detach().to(ScalarType.Float32, CPU).contiguous().data<float>().ToArray();
        var runs = new List<AdapterRun>();
        for (var row = 0; row < rows; row++)
        {
            var own = values.AsSpan(row * experts, experts);
            var adapter = own.IndexOfAnyExcept(0f);
            if (adapter < 0)
            {
                continue;
            }

            if (own[(adapter + 1)..].ContainsAnyExcept(0f))
            {
                return null;
            }

            if (runs.Count > 0 && runs[^1] is { } last && last.Adapter == adapter && last.First + last.Count == row * tokens)
            {
                runs[^1] = last with { Count = last.Count + tokens };
            }
            else
            {
                runs.Add(new AdapterRun(adapter, row * tokens, tokens));
            }
        }

        return runs.Count * leastTokens <= rows * tokens ? runs : null;
    }
}
