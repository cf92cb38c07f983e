namespace TorchSharp;

public static partial class torch
{
    public static bool is_tensor(object obj) => obj is Tensor;

    public static bool is_integral(Tensor t) => t.is_integral();

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_complex(Tensor input) => input.is_complex();

    public static bool is_nonzero(Tensor input) => input.is_nonzero();

    public static long numel(Tensor input) => input.numel();

    public static Tensor real(Tensor input) => input.real;

    public static Tensor imag(Tensor input) => input.imag;

    /// <summary>The type of a result that mixes the two, where a tensor without dimensions counts for less.</summary>
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2)
    {
        var type = Native.st_result_type(tensor1, tensor2);
        return type >= 0 ? (ScalarType)type : throw Native.Failure();
    }

    /// <summary>May a result of one type be stored in a tensor of the other?</summary>
    public static bool can_cast(ScalarType from, ScalarType to) => Native.st_can_cast(Options.Number(from), Options.Number(to)) != 0;
}
