using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class ArithmeticTests
{
    public static TheoryData<string, double> Unary => new()
    {
        { "exp", Math.Exp(0.3) }, { "log", Math.Log(0.3) }, { "sqrt", Math.Sqrt(0.3) }, { "rsqrt", 1 / Math.Sqrt(0.3) },
        { "sin", Math.Sin(0.3) }, { "cos", Math.Cos(0.3) }, { "tan", Math.Tan(0.3) }, { "tanh", Math.Tanh(0.3) },
        { "sinh", Math.Sinh(0.3) }, { "cosh", Math.Cosh(0.3) }, { "asin", Math.Asin(0.3) }, { "acos", Math.Acos(0.3) },
        { "atan", Math.Atan(0.3) }, { "asinh", Math.Asinh(0.3) }, { "atanh", Math.Atanh(0.3) }, { "expm1", Math.Exp(0.3) - 1 },
        { "log1p", Math.Log(1.3) }, { "log2", Math.Log2(0.3) }, { "log10", Math.Log10(0.3) }, { "exp2", Math.Pow(2, 0.3) },
        { "sigmoid", 1 / (1 + Math.Exp(-0.3)) }, { "reciprocal", 1 / 0.3 }, { "square", 0.09 }, { "neg", -0.3 },
        { "abs", 0.3 }, { "floor", 0 }, { "ceil", 1 }, { "trunc", 0 }, { "frac", 0.3 }, { "sign", 1 }, { "relu", 0.3 },
        { "erf", 0.3286267594591274 }, { "erfc", 0.6713732405408726 }, { "erfinv", 0.2724627147267543 },
        { "lgamma", 1.0957979948180756 }, { "digamma", -3.5025242222001332 }, { "sinc", Math.Sin(Math.PI * 0.3) / (Math.PI * 0.3) },
        { "deg2rad", 0.3 * Math.PI / 180 }, { "i0", 1.0226268793515970 }, { "silu", 0.3 / (1 + Math.Exp(-0.3)) },
        { "gelu", 0.3 * 0.6179114221889527 },
    };

    [Theory]
    [MemberData(nameof(Unary))]
    public void Functions_of_one_number(string name, double expected)
    {
        using var scope = NewDisposeScope();
        var method = typeof(Tensor).GetMethod(name, Type.EmptyTypes)!;
        var y = (Tensor)method.Invoke(tensor(0.3), null)!;
        Assert.Equal(expected, y.item<double>(), 1e-12);
        if (typeof(Tensor).GetMethod(name + "_", Type.EmptyTypes) is { } inPlace)
        {
            var x = tensor(0.3);
            Assert.Same(x, inPlace.Invoke(x, null));
            Assert.Equal(expected, x.item<double>(), 1e-12);
        }

        if (typeof(torch).GetMethod(name, [typeof(Tensor)]) is { } function)
        {
            Assert.Equal(expected, ((Tensor)function.Invoke(null, [tensor(0.3)])!).item<double>(), 1e-12);
        }
    }

    [Fact]
    public void Operators_mix_tensors_and_numbers_on_both_sides()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2f, 4f]);
        Assert.Equal([3f, 4, 6], (x + 2).data<float>().ToArray());
        Assert.Equal([3f, 4, 6], (2 + x).data<float>().ToArray());
        Assert.Equal([1f, 0, -2], (2 - x).data<float>().ToArray());
        Assert.Equal([-1f, 0, 2], (x - 2f).data<float>().ToArray());
        Assert.Equal([8f, 4, 2], (8.0 / x).data<float>().ToArray());
        Assert.Equal([0.5f, 1, 2], (x / 2L).data<float>().ToArray());
        Assert.Equal([2f, 4, 8], (x * x / x * 2).data<float>().ToArray());
        Assert.Equal([1f, 2, 1], (x % 3).data<float>().ToArray());
        Assert.Equal([-1f, -2, -4], (-x).data<float>().ToArray());
        Assert.Equal([true, false, false], (x < 2).data<bool>().ToArray());
        Assert.Equal([false, false, true], (2 < x).data<bool>().ToArray());
        Assert.Equal([false, true, false], (x == 2).data<bool>().ToArray());
        Assert.Equal([true, false, true], (x != 2).data<bool>().ToArray());
        Assert.Equal([false, true, true], (x >= 2 & x > 1 | x == 3).data<bool>().ToArray());
        Assert.Equal([true, false, true], (~(x == 2)).data<bool>().ToArray());
        Assert.Equal(float32, (x + 1.0).dtype);
        Assert.Equal(float32, (tensor([1L]) / 2).dtype);
        Assert.Equal(int64, (tensor([1L]) * 2).dtype);
    }

    [Fact]
    public void In_place_forms_return_the_tensor_itself()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2f]);
        Assert.Same(x, x.add_(1).mul_(2).sub_(tensor([1f, 1f])).div_(2));
        Assert.Equal([1.5f, 2.5f], x.data<float>().ToArray());
        x.add_(tensor([1f, 1f]), 10);
        Assert.Equal([11.5f, 12.5f], x.data<float>().ToArray());
        x.addcmul_(tensor([1f, 2f]), tensor([3f, 4f]), 0.5);
        Assert.Equal([13f, 16.5f], x.data<float>().ToArray());
        x.addcdiv_(tensor([1f, 2f]), tensor([2f, 4f]), 2);
        Assert.Equal([14f, 17.5f], x.data<float>().ToArray());
        x.lerp_(zeros(2), tensor(0.5f));
        Assert.Equal([7f, 8.75f], x.data<float>().ToArray());
        x.clamp_(max: 8);
        Assert.Equal([7f, 8f], x.data<float>().ToArray());
        x.zero_();
        Assert.Equal([0f, 0f], x.data<float>().ToArray());
        x.fill_(3);
        Assert.Equal([9f, 9f], x.pow_(2).data<float>().ToArray());
    }

    [Fact]
    public void Shapes_broadcast_and_mismatches_are_exceptions_with_libtorchs_message()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2L, 3L], (ones(2, 1) + ones(3)).shape);
        var error = Assert.Throws<ExternalException>(() => ones(2) + ones(3));
        Assert.StartsWith("The size of tensor a (2) must match the size of tensor b (3)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => ones(2).add_(ones(2, 2)));
        Assert.Equal([4L, 2L, 3L], broadcast_shapes([2, 3], [4, 1, 1]).Shape);
    }

    [Fact]
    public void Wrong_types_are_exceptions()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2, 2).matmul(ones([2, 2], dtype: int64)));
        Assert.Throws<ExternalException>(() => tensor([1L]).add_(0.5));
        Assert.Throws<ExternalException>(() => ones(2).bitwise_and(ones(2)));
        Assert.Throws<ExternalException>(() => tensor([1L, 2L]).softmax(0));
    }

    [Fact]
    public void Rounding_clamping_and_division_modes()
    {
        using var scope = NewDisposeScope();
        var x = tensor([-1.5f, 0.25f, 2.5f]);
        Assert.Equal([-2f, 0, 2], x.round().data<float>().ToArray());
        Assert.Equal([-1f, 0.25f, 1], x.clamp(-1, 1).data<float>().ToArray());
        Assert.Equal([0f, 0.25f, 2.5f], x.clamp_min(0).data<float>().ToArray());
        Assert.Equal([-1.5f, 0.25f, 0.5f], x.clamp(max: tensor(0.5f)).data<float>().ToArray());
        Assert.Equal([-2f, 0, 2], x.div(1, RoundingMode.floor).data<float>().ToArray());
        Assert.Equal([-1f, 0, 2], x.div(tensor(1f), RoundingMode.trunc).data<float>().ToArray());
        Assert.Equal([-4L, 3], tensor([-7L, 7]).floor_divide(2).data<long>().ToArray());
        Assert.Equal([0f, 0, 5], tensor([float.NaN, 0, 5]).nan_to_num().data<float>().ToArray());
        Assert.Equal([-0.5f, 0.25f, 0.5f], x.fmod(1).data<float>().ToArray());
        Assert.Equal([0.5f, 0.25f, 0.5f], x.remainder(1).data<float>().ToArray());
    }

    [Fact]
    public void Comparisons_and_closeness()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2f, float.NaN]);
        Assert.Equal([true, true, false], x.eq(x).data<bool>().ToArray());
        Assert.False(x.Equals(x.clone()));
        Assert.True(x.allclose(x, equal_nan: true));
        Assert.False(x.allclose(x));
        Assert.Equal([false, false, true], x.isnan().data<bool>().ToArray());
        Assert.Equal([true, true, false], x.isfinite().data<bool>().ToArray());
        Assert.True(ones(2).Equals(ones(2)));
        Assert.False(ones(2).Equals(ones(3)));
        Assert.Equal([true, false, false], x.isin(tensor([1f, 5f])).data<bool>().ToArray());
        Assert.Equal([false, true, false], x.logical_and(x > 1).data<bool>().ToArray());
    }

    [Fact]
    public void Addition_commutes_and_subtraction_undoes_it() => Prop
        .ForAll<float[]>(array =>
        {
            using var scope = NewDisposeScope();
            var numbers = Array.ConvertAll(array, x => float.IsFinite(x) ? x % 1000 : 0);
            var x = tensor(numbers);
            var y = tensor(numbers).flip(0);
            return (x + y).Equals(y + x) && (x + y - y).allclose(x, atol: 1e-3) && (2 * x).Equals(x + x);
        })
        .QuickCheckThrowOnFailure();
}
