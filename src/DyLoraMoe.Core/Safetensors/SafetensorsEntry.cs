using static TorchSharp.torch;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Name">The tensor's name, such as <c>model.norm.weight</c>.</param>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Extent of each dimension; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Length">Number of bytes.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Offset, long Length);
