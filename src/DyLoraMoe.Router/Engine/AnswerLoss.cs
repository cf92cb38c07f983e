using DyLoraMoe.Core.Models;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>How much an answer surprises a mixture of experts.</summary>
/// <remarks>Shapes: T tokens of prompt and answer, A of the answer, D hidden, V vocabulary.</remarks>
internal static class AnswerLoss
{
    /// <summary>Mean of -log p over the answer's tokens, in nats.</summary>
    /// <param name="set">The backbone.</param>
    /// <param name="banks">Builds a bank of the experts.</param>
    /// <param name="prompt">Token ids.</param>
    /// <param name="answer">Token ids; at least one.</param>
    /// <param name="weights">Weight of every expert.</param>
    /// <param name="starts">Where each begins to act.</param>
    public static double Of(LoadedSet set, BankShelf banks, int[] prompt, int[] answer, float[] weights, int[] starts)
    {
        using var scope = NewDisposeScope();
        long[] ids = [.. prompt, .. answer[..^1]];
        List<int> used = [.. Enumerable.Range(0, weights.Length).Where(index => weights[index] != 0)];
        using var delta = used.Count == 0 ? null : banks.For(used).Delta(weights, starts, 0, ids.Length, set.Model.Device);
        var hidden = set.Model.Encode(tensor(ids, device: set.Model.Device).unsqueeze(0), new ForwardOptions { Delta = delta });       // (1, T, D)
        var logits = set.Model.Head(hidden.narrow(1, prompt.Length - 1, answer.Length).squeeze(0)).to_type(ScalarType.Float32);        // (A, V)
        var targets = tensor(Array.ConvertAll(answer, id => (long)id), device: set.Model.Device);                                      // (A)
        return nn.functional.cross_entropy(logits, targets).item<float>();
    }
}
