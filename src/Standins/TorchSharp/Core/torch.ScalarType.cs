using System;
using System.Numerics;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>libtorch's element types, with libtorch's numbers.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        ComplexFloat32 = 9,
        ComplexFloat64 = 10,
        Bool = 11,
        BFloat16 = 15,
    }

    public static ScalarType @bool = ScalarType.Bool;
    public static ScalarType uint8 = ScalarType.Byte;
    public static ScalarType int8 = ScalarType.Int8;
    public static ScalarType int16 = ScalarType.Int16;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType complex64 = ScalarType.ComplexFloat32;
    public static ScalarType complex128 = ScalarType.ComplexFloat64;
    public static ScalarType @short = ScalarType.Int16;
    public static ScalarType @int = ScalarType.Int32;
    public static ScalarType @long = ScalarType.Int64;
    public static ScalarType half = ScalarType.Float16;
    public static ScalarType @float = ScalarType.Float32;
    public static ScalarType @double = ScalarType.Float64;
    public static ScalarType cfloat = ScalarType.ComplexFloat32;
    public static ScalarType cdouble = ScalarType.ComplexFloat64;

    private static ScalarType _defaultDType = ScalarType.Float32;

    public static ScalarType get_default_dtype() => _defaultDType;

    /// <summary>The type of new tensors that name none, and of integers divided by integers.</summary>
    public static void set_default_dtype(ScalarType dtype)
    {
        Native.Check(Native.st_set_default_dtype(Options.Number(dtype)));
        _defaultDType = dtype;
    }

    public static bool is_integral(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool => true,
        _ => false,
    };

    public static bool is_floating_point(ScalarType type) => type switch
    {
        ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 => true,
        _ => false,
    };

    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    /// <summary>The type of a result that mixes the two.</summary>
    public static ScalarType promote_types(ScalarType type1, ScalarType type2)
    {
        Native.Check(Native.st_promote_types(Options.Number(type1), Options.Number(type2), out var result));
        return (ScalarType)result;
    }

    internal static ScalarType ToScalarType(Type type)
    {
        return type == typeof(bool) ? ScalarType.Bool
            : type == typeof(byte) ? ScalarType.Byte
            : type == typeof(sbyte) ? ScalarType.Int8
            : type == typeof(short) ? ScalarType.Int16
            : type == typeof(int) ? ScalarType.Int32
            : type == typeof(long) ? ScalarType.Int64
            : type == typeof(Half) ? ScalarType.Float16
            : type == typeof(float) ? ScalarType.Float32
            : type == typeof(double) ? ScalarType.Float64
            : type == typeof((float, float)) ? ScalarType.ComplexFloat32
            : type == typeof(Complex) ? ScalarType.ComplexFloat64
            : throw new NotSupportedException($"The type {type.FullName} is not supported.");
    }
}
