namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// MinHash signatures cut into bands (Broder, "On the resemblance and containment of documents", 1997; Leskovec, Rajaraman and Ullman,
/// "Mining of Massive Datasets", chapter 3). Two sets of Jaccard similarity s agree in one hash with probability s, in a band of r
/// hashes with s^r, and in none of b bands with (1 - s^r)^b.
/// </summary>
internal sealed class MinHash
{
    private const int Hashes = 128;

    // A pair at the threshold is missed about once in a million; a pair above it, less often.
    private const double MissRate = 1e-6;

    private static readonly ulong[] Salts = MakeSalts();

    private readonly int _rows;

    /// <summary>Bands as long as they may be, since longer ones have fewer false candidates.</summary>
    public MinHash(double threshold)
    {
        _rows = 1;
        while (_rows < Hashes && Math.Pow(1 - Math.Pow(threshold, 2 * _rows), Hashes / (2.0 * _rows)) <= MissRate)
        {
            _rows *= 2;
        }
    }

    /// <summary>How many bands a signature has.</summary>
    public int Bands => Hashes / _rows;

    /// <summary>One key for each band; sets that share a key of one band are candidates.</summary>
    public ulong[] BandsOf(ulong[] set)
    {
        var bands = new ulong[Bands];
        for (var i = 0; i < Hashes; i++)
        {
            var least = ulong.MaxValue;
            foreach (var element in set)
            {
                least = Math.Min(least, NgramSet.Mix(element ^ Salts[i]));
            }

            bands[i / _rows] = NgramSet.Mix(bands[i / _rows] ^ least) + (ulong)i;
        }

        return bands;
    }

    private static ulong[] MakeSalts()
    {
        var random = new SeededRandom(SeededRandom.Key("minhash salts"));
        return [.. Enumerable.Range(0, Hashes).Select(_ => random.NextUInt64())];
    }
}
