namespace TorchSharp.Tests;

/// <summary>Tests that draw from libtorch's one default generator: they run alone, or others would draw in between.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class UsesDefaultGenerator
{
    public const string Name = "Default generator";
}
