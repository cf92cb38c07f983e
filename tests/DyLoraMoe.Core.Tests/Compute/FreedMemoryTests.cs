using DyLoraMoe.Core.Compute;

namespace DyLoraMoe.Core.Tests.Compute;

public sealed class FreedMemoryTests : IDisposable
{
    private readonly (string Name, string? Value)[] _before =
        [.. new[] { "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES" }.Select(name => (name, Environment.GetEnvironmentVariable(name)))];

    public FreedMemoryTests()
    {
        foreach (var (name, _) in _before)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Fact]
    public void The_allocator_keeps_what_is_freed() => Assert.True(FreedMemory.Keep());

    [Theory]
    [InlineData("MALLOC_TRIM_THRESHOLD_")]
    [InlineData("MALLOC_MMAP_THRESHOLD_")]
    [InlineData("GLIBC_TUNABLES")]
    public void Whoever_sets_the_allocator_decides(string variable)
    {
        Environment.SetEnvironmentVariable(variable, "1");

        Assert.False(FreedMemory.Keep());
    }
}
