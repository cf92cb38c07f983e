namespace DyLoraMoe.Api.Resources;

/// <summary>Bounds that several fields share.</summary>
public static class Bounds
{
    /// <summary>Most characters of a resource's name. Names of Jobs, ConfigMaps and pods add up to 23 to it, and 63 is their end.</summary>
    public const int NameLength = 40;

    /// <summary>Most characters of a text that has no bound of its own.</summary>
    public const int TextLength = 2048;

    /// <summary>Most characters of a number that is written as text.</summary>
    public const int NumberLength = 16;

    /// <summary>Most characters of data in a manifest, and most bytes of them in UTF-8: they go into a ConfigMap, which may have 1 MiB.</summary>
    public const int InlineLength = 921_600;

    /// <summary>Largest share of a skill's samples that is held out, in percent: with more there is less to learn from than to measure on.</summary>
    public const int HeldOutPercent = 50;

    /// <summary>Most tokens of a sample where a Backbone does not say: what adapters are usually taught with.</summary>
    public const int UsualContext = 2048;

    /// <summary>Most modules that a LoRA expert names.</summary>
    public const int TargetModules = 64;

    /// <summary>Characters of a digest.</summary>
    public const int DigestLength = 71;

    /// <summary>Most skills of an expert.</summary>
    public const int Skills = 256;

    /// <summary>Entries of an expert's history.</summary>
    public const int History = 10;

    /// <summary>Entries of a Backbone's refusals.</summary>
    public const int Refusals = 16;

    /// <summary>Most experts of a run of a Consolidation.</summary>
    public const int Night = 1024;

    /// <summary>Most runs that a Consolidation keeps.</summary>
    public const int Nights = 50;

    /// <summary>Most operators of a Growth.</summary>
    public const int GrowthOperators = 32;

    /// <summary>Conditions of a resource.</summary>
    public const int Conditions = 16;
}
