using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The parameters of a group and their states, side by side for one native Adam step.</summary>
internal readonly unsafe struct AdamKernel
{
    private readonly Tensor?[] _parameters;
    private readonly Tensor?[] _means;
    private readonly Tensor?[] _squares;
    private readonly Tensor?[]? _tops;

    public AdamKernel(int count, bool amsgrad)
    {
        _parameters = new Tensor?[count];
        _means = new Tensor?[count];
        _squares = new Tensor?[count];
        _tops = amsgrad ? new Tensor?[count] : null;
        Steps = new long[count];
    }

    /// <summary>How many steps each parameter has taken; a step counts only for parameters with a gradient.</summary>
    public long[] Steps { get; }

    public void Set(int index, Parameter parameter, Tensor mean, Tensor square, Tensor? top, long step)
    {
        _parameters[index] = parameter;
        _means[index] = mean;
        _squares[index] = square;
        Steps[index] = step;
        if (_tops is not null)
        {
            _tops[index] = top ?? throw new InvalidOperationException("The group asks for amsgrad, but its state was made without it; set amsgrad before the group is added.");
        }
    }

    public void Step(double lr, double beta1, double beta2, double eps, double weightDecay, bool decoupled, bool maximize)
    {
        using var parameters = new TensorList((IEnumerable<Tensor?>?)_parameters);
        using var means = new TensorList((IEnumerable<Tensor?>?)_means);
        using var squares = new TensorList((IEnumerable<Tensor?>?)_squares);
        using var tops = new TensorList((IEnumerable<Tensor?>?)_tops);
        fixed (long* steps = Steps)
        {
            Native.Check(Native.st_adam_step(
                parameters.Handles, means.Handles, squares.Handles, _tops is null ? null : tops.Handles, steps, parameters.Count,
                lr, beta1, beta2, eps, weightDecay, decoupled.Int(), maximize.Int()));
        }
    }
}
