using TorchSharp.Modules;

namespace DyLoraMoe.Core.Models;

/// <summary>A place in the tree of weight names, so that a module's code shows the path of every weight it takes.</summary>
/// <param name="source">Where the weights come from.</param>
/// <param name="path">Path so far, without a trailing dot.</param>
public sealed class WeightScope(IWeightSource source, string path = "")
{
    /// <summary>The path of this place.</summary>
    public string Path => path;

    /// <summary>A place below this one.</summary>
    /// <param name="name">One or more path parts.</param>
    public WeightScope In(string name) => new(source, Join(name));

    /// <summary>Takes a weight as a frozen parameter.</summary>
    /// <param name="name">Its last path part.</param>
    /// <param name="shape">Its shape.</param>
    public Parameter Take(string name, params long[] shape) => new(source.Take(Join(name), shape), requires_grad: false);

    private string Join(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
