using static TorchSharp.torch;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>The element types that a safetensors header may name and that this project reads.</summary>
internal static class SafetensorsDType
{
    private static readonly (string Name, ScalarType Type, int Size)[] _all =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static (ScalarType Type, int Size)? Find(string name)
    {
        foreach (var entry in _all)
        {
            if (entry.Name == name)
            {
                return (entry.Type, entry.Size);
            }
        }

        return null;
    }

    public static string Name(ScalarType type)
    {
        foreach (var entry in _all)
        {
            if (entry.Type == type)
            {
                return entry.Name;
            }
        }

        throw new ArgumentException($"Tensors of type {type} cannot be stored in safetensors; expected one of {Known}.", nameof(type));
    }

    public static int Size(ScalarType type) => Find(Name(type))!.Value.Size;

    public static string Known => string.Join(", ", _all.Select(entry => entry.Name));
}
