using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Generation;

/// <summary>Prompts of different lengths in one tensor, padded on the left so that all answers start together.</summary>
/// <remarks>Shapes: B rows, T tokens of the longest prompt, S tokens so far.</remarks>
internal sealed class PaddedPrompts
{
    private readonly int[] _lengths;
    private readonly int _longest;
    private readonly Device _device;
    private readonly Tensor? _padding;

    private PaddedPrompts(Tensor ids, int[] lengths, Device device)
    {
        Ids = ids;
        _lengths = lengths;
        _longest = lengths.Max();
        _device = device;
        if (lengths.Any(length => length < _longest))
        {
            _padding = InvocationPoint.Mask([.. lengths.Select(length => _longest - length)], _longest, device);   // (B, T), true on real tokens
        }
    }

    /// <summary>Token ids, (B, T) int64; padding is 0.</summary>
    public Tensor Ids { get; }

    public static PaddedPrompts Create(IReadOnlyList<IReadOnlyList<int>> prompts, Device device)
    {
        var longest = prompts.Max(prompt => prompt.Count);
        var ids = new long[prompts.Count * longest];
        for (var row = 0; row < prompts.Count; row++)
        {
            var start = ((row + 1) * longest) - prompts[row].Count;
            for (var index = 0; index < prompts[row].Count; index++)
            {
                ids[start + index] = prompts[row][index];
            }
        }

        return new PaddedPrompts(tensor(ids, device: device).view(prompts.Count, longest), [.. prompts.Select(prompt => prompt.Count)], device);
    }

    /// <summary>Options of the pass over the prompts.</summary>
    public ForwardOptions PromptOptions(KeyValueCache cache, IProjectionDelta? delta)
    {
        var options = new ForwardOptions { Cache = cache, Delta = delta };
        return _padding is null ? options : options with
        {
            KeyMask = _padding,
            Positions = (_padding.to_type(ScalarType.Int64).cumsum(1) - 1).clamp_min(0),   // (B, T)
            PositionsEnd = _longest,
        };
    }

    /// <summary>Options of a pass over one more token a row.</summary>
    public ForwardOptions StepOptions(KeyValueCache cache, IProjectionDelta? delta)
    {
        var options = new ForwardOptions { Cache = cache, Delta = delta };
        if (_padding is null)
        {
            return options;
        }

        var answered = cache.Length - _longest;
        var rows = _lengths.Length;
        return options with
        {
            KeyMask = cat([_padding, ones([rows, answered + 1], ScalarType.Bool, _device)], 1),                                       // (B, S)
            Positions = tensor(_lengths.Select(length => length + answered).ToArray(), device: _device).unsqueeze(1),                 // (B, 1)
            PositionsEnd = _longest + answered + 1,
        };
    }
}
