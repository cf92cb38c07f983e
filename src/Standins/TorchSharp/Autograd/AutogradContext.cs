using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What the forward pass of a custom function leaves for its backward pass.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private List<Tensor> _saved = [];
            private List<Tensor> _dirty = [];
            private List<Tensor> _nonDifferentiable = [];
            private nint _native;

            internal AutogradContext()
            {
            }

            /// <summary>Does the backward pass get zeros for gradients that are missing?</summary>
            public bool MaterializeGrads { get; private set; } = true;

            /// <summary>Keeps tensors (inputs and outputs, above all) until the graph is released.</summary>
            public void save_for_backward(List<Tensor> tensors) => _saved = tensors;

            /// <summary>Keeps anything that is not a tensor.</summary>
            public void save_data(string key, object value) => _data[key] = value;

            /// <summary>Names the inputs that the forward pass changed in place.</summary>
            public void mark_dirty(List<Tensor> tensors) => _dirty = [.. tensors];

            public void mark_non_differentiable(List<Tensor> tensors) => _nonDifferentiable = [.. tensors];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>The tensors kept by <see cref="save_for_backward"/>, in the backward pass.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (_native == 0)
                {
                    throw new InvalidOperationException("Saved variables can be had in the backward pass only.");
                }

                Native.Check(Native.st_saved_tensors(_native, out var list, out var count));
                return [.. Native.TakeList(list, count)];
            }

            /// <summary>What was kept under a key; null for nothing.</summary>
            public object? get_data(string key) => _data.GetValueOrDefault(key);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => _data.Clear();

            /// <summary>Passes on to the graph what the forward pass has left, and forgets it.</summary>
            internal void HandOver(nint result)
            {
                Add(result, 1, _saved);
                Add(result, 2, _dirty);
                Add(result, 3, _nonDifferentiable);
                Native.st_forward_materialize(result, MaterializeGrads.Int());
                (_saved, _dirty, _nonDifferentiable) = ([], [], []);
            }

            /// <summary>Runs the backward pass with the graph's own context at hand; passes may nest.</summary>
            internal TResult During<TResult>(nint native, Func<TResult> pass)
            {
                var before = _native;
                _native = native;
                try
                {
                    return pass();
                }
                finally
                {
                    _native = before;
                }
            }

            private static void Add(nint result, int kind, List<Tensor> tensors)
            {
                foreach (var tensor in tensors)
                {
                    Native.Check(Native.st_forward_add(result, kind, tensor is { IsInvalid: false } ? tensor : null));
                }
            }
        }
    }
}
