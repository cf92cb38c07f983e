using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Number by number.</summary>
    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>The sums of four, each in the same order: together they take less than half of the steps that they take one by one.</summary>
    static abstract Vector128<float> Sums(TSelf a, TSelf b, TSelf c, TSelf d);
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
    public static SixteenLanes Add(SixteenLanes left, SixteenLanes right) => new(left._values + right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(SixteenLanes a, SixteenLanes b, SixteenLanes c, SixteenLanes d)
    {
        if (!Avx512F.IsSupported)
        {
            return Vector128.Create(Vector512.Sum(a._values), Vector512.Sum(b._values), Vector512.Sum(c._values), Vector512.Sum(d._values));
        }

        var ab = Avx512F.UnpackLow(a._values, b._values) + Avx512F.UnpackHigh(a._values, b._values);
        var cd = Avx512F.UnpackLow(c._values, d._values) + Avx512F.UnpackHigh(c._values, d._values);
        var abcd = Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle() + Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
        var halves = abcd.GetLower() + abcd.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }
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
    public static UsualLanes Add(UsualLanes left, UsualLanes right) => new(left._values + right._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(UsualLanes a, UsualLanes b, UsualLanes c, UsualLanes d)
    {
        if (!Avx.IsSupported || Count != Vector256<float>.Count)
        {
            return Vector128.Create(Vector.Sum(a._values), Vector.Sum(b._values), Vector.Sum(c._values), Vector.Sum(d._values));
        }

        var ab = Avx.UnpackLow(a._values.AsVector256(), b._values.AsVector256()) + Avx.UnpackHigh(a._values.AsVector256(), b._values.AsVector256());
        var cd = Avx.UnpackLow(c._values.AsVector256(), d._values.AsVector256()) + Avx.UnpackHigh(c._values.AsVector256(), d._values.AsVector256());
        var abcd = Avx.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle() + Avx.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
        return abcd.GetLower() + abcd.GetUpper();
    }
}
