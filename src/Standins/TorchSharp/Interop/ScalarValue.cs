using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>A scalar as native code takes it; the mirror of the C++ struct of that name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ScalarValue
{
    internal const long None = 0;
    internal const long Real = 1;
    internal const long Integer = 2;
    internal const long Boolean = 3;
    internal const long ComplexNumber = 4;

    internal readonly long Kind;
    internal readonly double RealPart;
    internal readonly double ImaginaryPart;
    internal readonly long IntegerValue;

    private ScalarValue(long kind, double real, double imaginary, long integer)
    {
        Kind = kind;
        RealPart = real;
        ImaginaryPart = imaginary;
        IntegerValue = integer;
    }

    internal static ScalarValue One => 1L;

    internal static ScalarValue Optional(Scalar? scalar) => scalar is null ? default : scalar.Value;

    internal static ScalarValue Optional(double? value) => value is null ? default(ScalarValue) : value.Value;

    internal static ScalarValue Complex(double real, double imaginary) => new(ComplexNumber, real, imaginary, 0);

    public static implicit operator ScalarValue(Scalar scalar)
    {
        ArgumentNullException.ThrowIfNull(scalar);
        return scalar.Value;
    }

    public static implicit operator ScalarValue(double value) => new(Real, value, 0, 0);

    public static implicit operator ScalarValue(long value) => new(Integer, 0, 0, value);

    public static implicit operator ScalarValue(bool value) => new(Boolean, 0, 0, value ? 1 : 0);

    internal double AsDouble() => Kind is Real or ComplexNumber ? RealPart : IntegerValue;

    internal long AsInteger() => Kind is Real or ComplexNumber ? checked((long)RealPart) : IntegerValue;
}
