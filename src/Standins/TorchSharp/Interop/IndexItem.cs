using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One index of x[...]; the mirror of the C++ struct of that name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IndexItem
{
    internal const long NotGiven = long.MinValue;

    internal long Kind;
    internal long Start;
    internal long Stop;
    internal long Step;
    internal nint Tensor;
}
