using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>An operation whose forward and backward pass are your own.</summary>
        public abstract class Function<T> : IFunction
            where T : Function<T>, new()
        {
            private static readonly T Instance = new();

            public abstract string Name { get; }

            public static List<Tensor> apply_internal(params object[] vars) => FunctionCall.Apply(Instance, vars);

            List<Tensor> IFunction.Forward(AutogradContext context, object[] arguments) => forward_internal(context, arguments);

            List<Tensor> IFunction.Backward(AutogradContext context, List<Tensor> gradients) => backward_internal(context, gradients);

            internal abstract List<Tensor> forward_internal(AutogradContext ctx, params object[] vars);

            internal abstract List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs);
        }

        /// <summary>A function with one output.</summary>
        public abstract class SingleTensorFunction<T> : Function<T>
            where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <summary>One gradient per argument of the forward pass; null where that was no tensor or needs none.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs[0]);
        }

        /// <summary>A function with any number of outputs.</summary>
        public abstract class MultiTensorFunction<T> : Function<T>
            where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs);
        }
    }
}
