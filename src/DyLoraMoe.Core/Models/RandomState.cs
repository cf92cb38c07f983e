using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>The state of libtorch's default generator on the CPU, to draw the same dropout twice or to resume a run exactly.</summary>
public sealed class RandomState
{
    private readonly byte[] _state;

    private RandomState(byte[] state) => _state = state;

    /// <summary>The state's bytes, for a checkpoint.</summary>
    public ReadOnlySpan<byte> Bytes => _state;

    /// <summary>The state as it is now.</summary>
    public static RandomState Capture()
    {
        using var state = random.get_rng_state();
        return new RandomState(state.bytes.ToArray());
    }

    /// <summary>A state that was saved as <see cref="Bytes"/>.</summary>
    /// <param name="bytes">The saved bytes.</param>
    public static RandomState From(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>Makes this the generator's state.</summary>
    public void Restore()
    {
        using var state = tensor(_state, ScalarType.Byte);
        random.set_rng_state(state);
    }

    /// <summary>Makes this the generator's state until the result is disposed, then puts the present one back.</summary>
    public IDisposable Replay()
    {
        var present = Capture();
        Restore();
        return new Return(present);
    }

    private sealed class Return(RandomState present) : IDisposable
    {
        public void Dispose() => present.Restore();
    }
}
