using System;
using System.Numerics;

namespace TorchSharp;

/// <summary>Conversions between .NET numbers and <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => new((long)value);

    public static Scalar ToScalar(this sbyte value) => new((long)value);

    public static Scalar ToScalar(this short value) => new((long)value);

    public static Scalar ToScalar(this int value) => new((long)value);

    public static Scalar ToScalar(this long value) => new(value);

    public static Scalar ToScalar(this float value) => new((double)value);

    public static Scalar ToScalar(this double value) => new(value);

    public static Scalar ToScalar(this (float, float) value) => new(ScalarValue.Complex(value.Item1, value.Item2));

    public static Scalar ToScalar(this Complex value) => new(ScalarValue.Complex(value.Real, value.Imaginary));

    public static Scalar ToScalar(this bool value) => new(value);

    public static Scalar ToScalar(this Half value) => new((double)value);

    /// <summary>The number rounded to what a bfloat16 holds (to nearest, ties to even).</summary>
    public static Scalar ToBFloat16Scalar(this float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (!float.IsNaN(value))
        {
            bits += 0x7FFF + ((bits >> 16) & 1);
        }

        return new((double)BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000));
    }

    public static Half ToHalf(this Scalar value) => (Half)Of(value).AsDouble();

    public static float ToSingle(this Scalar value) => (float)Of(value).AsDouble();

    public static double ToDouble(this Scalar value) => Of(value).AsDouble();

    public static sbyte ToSByte(this Scalar value) => checked((sbyte)Of(value).AsInteger());

    public static byte ToByte(this Scalar value) => checked((byte)Of(value).AsInteger());

    public static short ToInt16(this Scalar value) => checked((short)Of(value).AsInteger());

    public static int ToInt32(this Scalar value) => checked((int)Of(value).AsInteger());

    public static long ToInt64(this Scalar value) => Of(value).AsInteger();

    public static bool ToBoolean(this Scalar value) => Of(value).AsDouble() != 0;

    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value)
    {
        var number = Of(value);
        return ((float)number.AsDouble(), (float)number.ImaginaryPart);
    }

    public static Complex ToComplexFloat64(this Scalar value)
    {
        var number = Of(value);
        return new(number.AsDouble(), number.ImaginaryPart);
    }

    private static ScalarValue Of(Scalar scalar) => scalar;
}
