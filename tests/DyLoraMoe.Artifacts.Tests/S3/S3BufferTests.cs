namespace DyLoraMoe.Artifacts.Tests.S3;

[Collection(CountsAllocations.Name)]
public sealed class S3BufferTests(S3Fixture fixture)
{
    [Fact]
    public async Task A_large_file_passes_through_buffers_both_ways()
    {
        await using var world = await S3World.StartAsync(fixture);
        const int Size = 48 << 20;
        var options = S3World.Options with { PartBytes = 16 << 20 };
        var before = GC.GetTotalAllocatedBytes();

        var digest = world.Machine(options: options).Artifacts().Publish(ArtifactKind.Dataset, folder =>
        {
            using var stream = File.Create(Path.Combine(folder, "large.bin"));
            stream.SetLength(Size);
        });
        world.Machine(options: options).Artifacts().Open(ArtifactKind.Dataset, digest);

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Size / 2);
    }
}
