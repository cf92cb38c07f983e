using System.Collections.Generic;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp;

/// <summary>A custom autograd function, whatever its generic form.</summary>
internal interface IFunction
{
    string Name { get; }

    List<Tensor> Forward(AutogradContext context, object[] arguments);

    List<Tensor> Backward(AutogradContext context, List<Tensor> gradients);
}
