using System.Runtime.InteropServices;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>
/// A batch in which every row has its own mixture of adapters: <c>y += ((x Aᵀ) ⊙ gate) Bᵀ</c>, where a rank's gate is its
/// adapter's weight in that row times its scale, and zero where the adapter is not active yet. Gradients reach the weights,
/// so a router can be trained through it; the adapters themselves are frozen here. Where every row has few adapters, only their
/// factors are used, so the cost does not grow with the number of adapters.
/// </summary>
/// <remarks>Shapes: B rows, T tokens, N = B·T, E adapters, R sum of ranks.</remarks>
public sealed class AdapterBatch : IProjectionDelta, IDisposable
{
    // Below this many tokens a run, one product with all adapters is cheaper than one each.
    private const int LeastTokensPerRun = 4;

    // Up to this many adapters a token, each token's own cost less than one product with all.
    private const int MostPerToken = 4;

    private readonly AdapterBank _bank;
    private readonly Tensor _gates;
    private readonly long _tokens;
    private readonly List<AdapterRun>? _runs;
    private readonly Dictionary<Tensor, Tensor> _rankGates = new(ReferenceEqualityComparer.Instance);
    private bool? _isSparse;

    /// <summary>Prepares the gates of one pass.</summary>
    /// <param name="bank">The adapters.</param>
    /// <param name="weights">Weight of every adapter in every row, (B, E) float32; a zero row is the bare backbone.</param>
    /// <param name="tokens">Tokens per row in this pass, T.</param>
    /// <param name="active">True from each row's invocation point on, (B, T) bool, or (B, T, E) where adapters differ; holds back only those of mode Activated. Null when all are past it.</param>
    public AdapterBatch(AdapterBank bank, Tensor weights, long tokens, Tensor? active = null)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(weights);
        var experts = bank.Adapters.Count;
        if (weights.dim() != 2 || weights.shape[1] != experts)
        {
            throw new ArgumentException($"Weights have shape [{string.Join(", ", weights.shape)}], expected (rows, {experts} adapters).", nameof(weights));
        }

        _bank = bank;
        _tokens = tokens;
        using var scope = NewDisposeScope();
        var gates = weights.unsqueeze(1).expand(-1, tokens, -1);                                                    // (B, E) -> (B, T, E)
        if (active is not null && bank.Adapters.Any(adapter => adapter.Config.Mode == AdapterMode.Activated))
        {
            var always = tensor(bank.Adapters.Select(adapter => adapter.Config.Mode == AdapterMode.Full).ToArray(), device: weights.device);   // (E)
            gates = gates * (active.dim() == 2 ? active.unsqueeze(-1) : active).logical_or(always);                                                // (B, T, E)
        }

        _gates = gates.reshape(-1, experts).DetachFromDisposeScope();                                               // (N, E)
        _runs = weights.requires_grad || experts == 1 ? null : AdapterRun.Of(weights, tokens, LeastTokensPerRun);
    }

    private AdapterBatch(AdapterBank bank, Tensor gates)
    {
        _bank = bank;
        _gates = gates;
        _tokens = 1;
    }

    /// <summary>The same mixtures for the last token of every row only, as the head of a generation needs them.</summary>
    public AdapterBatch LastToken()
    {
        using var scope = NewDisposeScope();
        return new AdapterBatch(_bank, _gates.view(-1, _tokens, _gates.shape[1]).select(1, _tokens - 1).DetachFromDisposeScope());   // (B·T, E) -> (B, E)
    }

    /// <summary>The same mixtures for chosen tokens only, as the head of an evaluation needs them.</summary>
    /// <param name="tokens">Indices into the rows' tokens, row by row, (M) int64; all when null.</param>
    public AdapterBatch At(Tensor? tokens) =>
        new(_bank, (tokens is null ? _gates.alias() : _gates.index_select(0, tokens)).DetachFromDisposeScope());   // (N, E) -> (M, E)

    /// <inheritdoc/>
    public Tensor AddTo(string path, Tensor input, Tensor output)
    {
        var isFew = FewRows.Are(input, output) && IsSparse;
        if (!isFew && _runs is not null && !input.requires_grad && !output.requires_grad)
        {
            return AddRuns(_runs, path, input, output);
        }

        if (_bank.StackOf(path) is not { } stack)
        {
            return output;
        }

        if (isFew && FewRows.IsPlain(stack.A))
        {
            FewRows.AddLowRank(output, input, stack.A, stack.Up, GateOf(stack));
            return output;
        }

        using var scope = NewDisposeScope();
        var low = FewRows.Are(input, stack.A) ? FewRows.Linear(input, stack.A, null) : nn.functional.linear(input.to_type(stack.A.dtype), stack.A);   // (N, I) -> (N, R)
        return LowRank.Add(output, low * GateOf(stack), stack.Up.t(), 1).MoveToOuterDisposeScope();
    }

    private bool IsSparse
    {
        get
        {
            if (_isSparse is null)
            {
                var gates = FewRows.IsPlain(_gates) ? MemoryMarshal.Cast<byte, float>(_gates.bytes) : [];
                _isSparse = gates.Length > 0 && gates.Length - gates.Count(0f) <= MostPerToken * _gates.shape[0];
            }

            return _isSparse.Value;
        }
    }

    // What every rank counts in every token, (N, R). Layers that are adapted alike share it, unless it is part of what is learnt.
    private Tensor GateOf(AdapterStack stack)
    {
        if (_gates.requires_grad)
        {
            return _gates.index_select(1, stack.Owner).to_type(stack.A.dtype);
        }

        if (!_rankGates.TryGetValue(stack.Owner, out var gate))
        {
            // Whoever asks first may be in inference mode, and others not.
            using var _ = inference_mode(false);
            gate = _rankGates[stack.Owner] = _gates.index_select(1, stack.Owner).to_type(stack.A.dtype).DetachFromDisposeScope();
        }

        return gate;
    }

    private Tensor AddRuns(List<AdapterRun> runs, string path, Tensor input, Tensor output)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var run in runs)
        {
            if (_bank.Adapters[run.Adapter].Layers.TryGetValue(path, out var layer))
            {
                var low = nn.functional.linear(input.narrow(0, run.First, run.Count).to_type(layer.A.dtype), layer.A);      // (n, I) -> (n, r)
                var gate = _gates.narrow(0, run.First, run.Count).narrow(1, run.Adapter, 1);                                // (n, 1)
                LowRank.Add(output.narrow(0, run.First, run.Count), low * gate.to_type(low.dtype), layer.B, layer.Scale);
            }
        }

        return output;
    }

    /// <summary>Frees the gates.</summary>
    public void Dispose()
    {
        _gates.Dispose();
        foreach (var gate in _rankGates.Values)
        {
            gate.Dispose();
        }
    }
}
