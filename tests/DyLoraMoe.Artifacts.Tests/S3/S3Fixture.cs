using System.Diagnostics.CodeAnalysis;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.Artifacts.Tests.S3;
using DyLoraMoe.Testing;

[assembly: AssemblyFixture(typeof(S3Fixture))]

namespace DyLoraMoe.Artifacts.Tests.S3;

/// <summary>One server for all tests; each has a prefix of its own.</summary>
public sealed class S3Fixture : IDisposable
{
    public S3Server Server { get; } = S3Server.Start("tests");

    public void Dispose() => Server.Dispose();
}

/// <summary>A place in the bucket, machines with folders of their own that look at it, and a store in between that fails as it is told.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is what a test sees.")]
internal sealed class S3World : IAsyncDisposable
{
    private readonly S3Server _server;
    private readonly TemporaryFolder _folder = new();
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..8];
    private readonly List<StorePlace> _places = [];
    private int _machines;

    private S3World(S3Server server, FaultyStore faults) => (_server, Faults) = (server, faults);

    public FaultyStore Faults { get; }

    public TemporaryFolder Folder => _folder;

    /// <summary>Small parts, short waits.</summary>
    public static S3Options Options { get; } = new()
    {
        PartBytes = 64 << 10,
        FirstDelay = TimeSpan.FromMilliseconds(5),
        LongestDelay = TimeSpan.FromMilliseconds(50),
        Patience = TimeSpan.FromSeconds(20),
        LeaseBeat = TimeSpan.FromMilliseconds(200),
        LeasePatience = TimeSpan.FromSeconds(2),
    };

    /// <summary>Gives up at the first failure: what a killed process does.</summary>
    public static S3Options Hasty { get; } = Options with { Patience = TimeSpan.Zero, Parallel = 1 };

    public static async Task<S3World> StartAsync(S3Fixture fixture) => new(fixture.Server, await FaultyStore.StartAsync(fixture.Server.Address));

    /// <summary>The store as a machine sees it.</summary>
    /// <param name="isFaulty">Whether its calls may fail.</param>
    /// <param name="options">How it talks to the bucket.</param>
    /// <param name="machine">Whose folder for copies it uses; a new one when null.</param>
    public StorePlace Machine(bool isFaulty = false, S3Options? options = null, string? machine = null)
    {
        var place = StorePlace.Open(Location("", isFaulty), _folder[machine ?? $"machine-{Interlocked.Increment(ref _machines)}"], S3Server.Variable, options ?? Options);
        _places.Add(place);
        return place;
    }

    public string Location(string below = "", bool isFaulty = false) =>
        _server.Location(below.Length > 0 ? $"tests/{_prefix}/{below}" : $"tests/{_prefix}", isFaulty ? Faults.Address : null);

    public S3Bucket Bucket(string below = "", bool isFaulty = false, S3Options? options = null) => S3Bucket.Open(Api.Jobs.S3Location.Parse(Location(below, isFaulty)), S3Server.Variable, options ?? Options);

    /// <summary>What to publish: two small files and a large one.</summary>
    public static Action<string> Files(int seed = 1, int largeBytes = 300_000) => folder =>
    {
        var content = new byte[largeBytes];
        new Random(seed).NextBytes(content);
        File.WriteAllText(Path.Combine(folder, "a.txt"), $"one {seed}");
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        File.WriteAllText(Path.Combine(folder, "sub", "b.txt"), "");
        File.WriteAllBytes(Path.Combine(folder, "large.bin"), content);
    };

    public async ValueTask DisposeAsync()
    {
        _places.ForEach(place => place.Dispose());
        await Faults.DisposeAsync();
        _folder.Dispose();
    }
}
