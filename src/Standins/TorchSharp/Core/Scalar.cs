using System;
using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number of any type, as operations between a tensor and a number take it.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(ScalarValue value) => Value = value;

    internal ScalarValue Value { get; }

    /// <summary>The type the number is held in: 64 bits, whatever it was made from.</summary>
    public ScalarType Type => Value.Kind switch
    {
        ScalarValue.Real => ScalarType.Float64,
        ScalarValue.Integer => ScalarType.Int64,
        ScalarValue.Boolean => ScalarType.Bool,
        _ => ScalarType.ComplexFloat64,
    };

    public static implicit operator Scalar(byte value) => value.ToScalar();

    public static implicit operator Scalar(sbyte value) => value.ToScalar();

    public static implicit operator Scalar(short value) => value.ToScalar();

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(long value) => value.ToScalar();

    public static implicit operator Scalar(Half value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public static implicit operator Scalar(bool value) => value.ToScalar();

    public static implicit operator Scalar((float, float) value) => value.ToScalar();

    public static implicit operator Scalar(Complex value) => value.ToScalar();

    /// <summary>Nothing to release: the number lives in managed memory.</summary>
    public void Dispose()
    {
    }
}
