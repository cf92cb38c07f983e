using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Differentiation.</summary>
    public static partial class autograd
    {
        /// <summary>The gradients of the outputs' sum with respect to the inputs; invalid tensors for unused ones.</summary>
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            using var roots = new TensorList(outputs);
            using var leaves = new TensorList(inputs);
            using var gradients = new TensorList(grad_outputs);
            Native.Check(Native.st_autograd_grad(
                roots.Handles, roots.Count, leaves.Handles, leaves.Count, gradients.Handles, gradients.Count,
                retain_graph.Int(), create_graph.Int(), allow_unused.Int(), out var list, out var count));
            var result = new List<Tensor>();
            foreach (var tensor in Native.TakeOptionalList(list, count))
            {
                result.Add(tensor ?? new Tensor(0));
            }

            return result;
        }

        /// <summary>Adds the gradients of the tensors' sum to the leaves, or to the inputs only, if any are given.</summary>
        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            using var roots = new TensorList(tensors);
            using var gradients = new TensorList(grad_tensors);
            using var leaves = new TensorList(inputs);
            Native.Check(Native.st_backward(
                roots.Handles, roots.Count, gradients.Handles, gradients.Count, (retain_graph ?? create_graph).Int(),
                create_graph.Int(), leaves.Handles, leaves.Count));
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>Until disposed of, a backward pass that meets an error names the forward operation.</summary>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }
}
