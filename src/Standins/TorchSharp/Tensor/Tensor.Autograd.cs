using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Does the autograd graph record what happens to this tensor?</summary>
        public bool requires_grad
        {
            get => Native.Flag(Native.st_requires_grad(this));
            set => Native.Check(Native.st_set_requires_grad(this, value.Int()));
        }

        /// <summary>What backward passes have left here; null for none.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint handle = 0;
                Native.Check(Native.st_grad(this, &handle));
                return handle == 0 ? null : new Tensor(handle);
            }

            set => Native.Check(Native.st_set_grad(this, value));
        }

        /// <summary>Made by the user rather than by an operation that the graph recorded.</summary>
        public bool is_leaf => Native.Flag(Native.st_is_leaf(this));

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of this tensor too, though it is no leaf.</summary>
        public void retain_grad() => Native.Check(Native.st_retain_grad(this));

        /// <summary>The same memory, outside the graph.</summary>
        public Tensor detach() => Native.st_detach(this);

        public Tensor detach_() => Done(Native.st_detach_(this));

        /// <summary>Adds the gradient of this single number to every leaf it depends on.</summary>
        public void backward() => autograd.backward(this, (IList<Tensor>?)null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph || create_graph, create_graph, inputs);
    }
}
