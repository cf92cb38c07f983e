using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The limits of a floating point type.</summary>
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
        public double smallest_normal;
        public double resolution;
    }

    public static FInfo finfo() => finfo(get_default_dtype());

    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.BFloat16 => Limits(16, 8, 8, 0.01),
        ScalarType.Float16 => Limits(16, 11, 5, 0.001),
        ScalarType.Float32 or ScalarType.ComplexFloat32 => Limits(32, 24, 8, 1e-6),
        ScalarType.Float64 or ScalarType.ComplexFloat64 => Limits(64, 53, 11, 1e-15),
        _ => throw new ArgumentException($"finfo: expected a floating point type, found {dtype}."),
    };

    /// <summary>The largest number that an integer type holds.</summary>
    public static long max_int_value(ScalarType type) => type switch
    {
        ScalarType.Byte => byte.MaxValue,
        ScalarType.Int8 => sbyte.MaxValue,
        ScalarType.Int16 => short.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        ScalarType.Int64 => long.MaxValue,
        ScalarType.Bool => 1,
        _ => throw new ArgumentException($"max_int_value: expected an integer type, found {type}."),
    };

    // precision counts the hidden bit.
    private static FInfo Limits(int bits, int precision, int exponentBits, double resolution)
    {
        var bias = (1 << (exponentBits - 1)) - 1;
        var max = (2 - Math.ScaleB(1, 1 - precision)) * Math.ScaleB(1, bias);
        var smallest = Math.ScaleB(1, 1 - bias);
        return new FInfo
        {
            bits = bits,
            eps = Math.ScaleB(1, 1 - precision),
            max = max,
            min = -max,
            tiny = smallest,
            smallest_normal = smallest,
            resolution = resolution,
        };
    }
}
