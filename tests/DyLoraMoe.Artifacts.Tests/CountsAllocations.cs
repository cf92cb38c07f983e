namespace DyLoraMoe.Artifacts.Tests;

/// <summary>Tests that count what the whole process allocates: they run alone, or others would allocate in between.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class CountsAllocations
{
    public const string Name = "Counts allocations";
}
