using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DyLoraMoe.Core.Models;

/// <summary>The numbers that a processor computes side by side, so that a kernel can be written once for every width.</summary>
/// <typeparam name="TSelf">The width.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>How many there are.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> numbers, wherever they lie.</summary>
    static abstract TSelf Load(float* from);

    /// <summary>Writes them.</summary>
    void Store(float* to);

    /// <summary>The same number in all.</summary>
    static abstract TSelf Of(float value);

    /// <summary><c>left · right + sum</c>, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf sum);

    /// <summary>Their sum.</summary>
    float Sum();
}

/// <summary>Sixteen numbers, for processors that compute as many at once.</summary>
internal readonly unsafe struct SixteenLanes(Vector512<float> values) : ILanes<SixteenLanes>
{
    private readonly Vector512<float> _values = values;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes MultiplyAdd(SixteenLanes left, SixteenLanes right, SixteenLanes sum) =>
        new(Vector512.MultiplyAddEstimate(left._values, right._values, sum._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector512.Sum(_values);
}

/// <summary>As many numbers as <see cref="Vector{T}"/> holds on this processor.</summary>
internal readonly unsafe struct UsualLanes(Vector<float> values) : ILanes<UsualLanes>
{
    private readonly Vector<float> _values = values;

    public static int Count => Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes Load(float* from) => new(Vector.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes Of(float value) => new(new Vector<float>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes MultiplyAdd(UsualLanes left, UsualLanes right, UsualLanes sum) =>
        new(Vector.MultiplyAddEstimate(left._values, right._values, sum._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector.Sum(_values);
}
