using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp;

/// <summary>One application of a custom autograd function: what its backward pass needs, for as long as the graph lives.</summary>
internal sealed class FunctionCall : IDisposable
{
    private readonly IFunction _function;
    private readonly AutogradContext _context = new();
    private readonly bool[] _isTensor;
    private object[]? _arguments;

    private FunctionCall(IFunction function, object[] arguments)
    {
        _function = function;
        _arguments = arguments;
        _isTensor = Array.ConvertAll(arguments, IsTensor);
    }

    internal static unsafe List<Tensor> Apply(IFunction function, object[] arguments)
    {
        var call = new FunctionCall(function, arguments);
        using var inputs = new TensorList(arguments.Where(IsTensor).Cast<Tensor>());
        var state = GCHandle.ToIntPtr(GCHandle.Alloc(call));
        Native.Check(Native.st_apply_function(
            inputs.Handles, inputs.Count, ManagedFunction.Callbacks, state, out var list, out var count));
        return [.. Native.TakeList(list, count)];
    }

    internal void Forward(nint result)
    {
        var outputs = _function.Forward(_context, _arguments!)
            ?? throw new InvalidOperationException($"Function {_function.Name}: expected outputs from forward, found null.");
        _arguments = null;
        foreach (var output in outputs)
        {
            _ = output ?? throw new InvalidOperationException($"Function {_function.Name}: expected tensors from forward, found null.");
            Native.Check(Native.st_forward_add(result, 0, output));
        }

        _context.HandOver(result);
    }

    internal void Backward(nint context, ReadOnlySpan<nint> grads, nint result)
    {
        var gradOutputs = new List<Tensor>(grads.Length);
        foreach (var handle in grads)
        {
            gradOutputs.Add(new Tensor(handle));
        }

        var gradients = _context.During(context, () => _function.Backward(_context, gradOutputs)) ?? [];
        if (gradients.Count < _isTensor.Length || gradients.Skip(_isTensor.Length).Any(IsTensor))
        {
            throw new InvalidOperationException(
                $"Function {_function.Name} returned an incorrect number of gradients (expected {_isTensor.Length}, got {gradients.Count}).");
        }

        for (var i = 0; i < _isTensor.Length; i++)
        {
            var given = IsTensor(gradients[i]);
            if (_isTensor[i])
            {
                Native.Check(Native.st_backward_add(result, given ? gradients[i] : null));
            }
            else if (given)
            {
                throw new InvalidOperationException(
                    $"Function {_function.Name} returned a gradient at position {i + 1}, but the corresponding forward input was not a Tensor.");
            }
        }
    }

    public void Dispose() => _context.Dispose();

    private static bool IsTensor(object? value) => value is Tensor { IsInvalid: false };
}
