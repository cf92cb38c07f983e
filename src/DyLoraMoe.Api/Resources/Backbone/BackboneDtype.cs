namespace DyLoraMoe.Api.Resources;

/// <summary>Element types that a backbone is computed in.</summary>
public static class BackboneDtype
{
    /// <summary>What suits the device.</summary>
    public const string Auto = "auto";

    /// <summary>Single precision.</summary>
    public const string Float32 = "float32";

    /// <summary>Half the bits with the range of single precision.</summary>
    public const string BFloat16 = "bfloat16";

    /// <summary>Half precision.</summary>
    public const string Float16 = "float16";
}
