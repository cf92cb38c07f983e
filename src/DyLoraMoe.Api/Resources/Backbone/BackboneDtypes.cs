namespace DyLoraMoe.Api.Resources;

/// <summary>Element types that a backbone is computed in. Half precision is none of them: experts are trained in what they are served in, and gradients vanish in it.</summary>
public static class BackboneDtypes
{
    /// <summary>What suits the device.</summary>
    public const string Auto = "auto";

    /// <summary>Single precision.</summary>
    public const string Fp32 = "float32";

    /// <summary>Half the bits with the range of single precision.</summary>
    public const string Bf16 = "bfloat16";
}
