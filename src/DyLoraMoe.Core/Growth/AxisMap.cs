namespace DyLoraMoe.Core.Growth;

/// <summary>Where every entry of a grown axis comes from: the entry before growth that it continues, or none.</summary>
public sealed class AxisMap
{
    /// <summary>The source of an entry that continues nothing.</summary>
    public const int None = -1;

    private readonly int[] _sources;

    private AxisMap(int before, int[] sources)
    {
        Before = before;
        _sources = sources;
        Copies = new int[before];
        foreach (var source in sources.Where(source => source != None))
        {
            Copies[source]++;
        }
    }

    /// <summary>Extent before growth.</summary>
    public int Before { get; }

    /// <summary>Extent after growth.</summary>
    public int After => _sources.Length;

    /// <summary>For every entry the one that it continues, or <see cref="None"/>.</summary>
    public IReadOnlyList<int> Sources => _sources;

    /// <summary>Entries that continue nothing.</summary>
    public int Fresh => _sources.Count(source => source == None);

    /// <summary>How many entries continue each entry before growth.</summary>
    internal int[] Copies { get; }

    /// <summary>Old entries first, then new ones.</summary>
    /// <param name="before">Extent before growth.</param>
    /// <param name="count">New entries.</param>
    public static AxisMap Append(int before, int count) => Blocks(1, before, AppendPattern(before, count));

    /// <summary>New entries at the end of each of several equal blocks.</summary>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="size">Entries per block before growth.</param>
    /// <param name="count">New entries per block.</param>
    public static AxisMap AppendToEach(int blocks, int size, int count) => Blocks(blocks, size, AppendPattern(size, count));

    /// <summary>Every block followed by copies of itself.</summary>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="size">Entries per block.</param>
    /// <param name="times">How often each stands there afterwards.</param>
    public static AxisMap Repeat(int blocks, int size, int times) =>
        Blocks(blocks, size, [.. Enumerable.Repeat(Enumerable.Range(0, size), times).SelectMany(block => block)]);

    /// <summary>Equal blocks, each grown by the same pattern.</summary>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="size">Entries per block before growth.</param>
    /// <param name="pattern">For every entry of a grown block the entry of the block before, or <see cref="None"/>.</param>
    public static AxisMap Blocks(int blocks, int size, IReadOnlyList<int> pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var sources = new int[checked(blocks * pattern.Count)];
        for (var entry = 0; entry < sources.Length; entry++)
        {
            var source = pattern[entry % pattern.Count];
            sources[entry] = source == None ? None : (entry / pattern.Count * size) + source;
        }

        return new AxisMap(blocks * size, sources);
    }

    /// <summary>Only some entries, for a smaller copy.</summary>
    internal static AxisMap Keep(int before, int[] kept) => new(before, kept);

    private static int[] AppendPattern(int size, int count) => [.. Enumerable.Range(0, size), .. Enumerable.Repeat(None, count)];
}
