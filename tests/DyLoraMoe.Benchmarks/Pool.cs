using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Many experts on disk, few in memory: requests of Zipf-distributed popularity, with and without prefetching what the router's
/// posterior over the waiting requests says. Answers are compared with those of freshly loaded adapters.
/// </summary>
internal static class Pool
{
    private const int Experts = 200;
    private const int OnDevice = 8;
    private const int OnHost = 24;
    private const int Features = 64;
    private const int CheckEvery = 25;
    private const int Tokens = 16;
    private const double Distance = 0.6;

    public static int Run(Settings settings)
    {
        var requests = settings.Number("steps", 2000);
        Console.WriteLine($"{Experts} experts of rank 4 on disk, room for {OnDevice} on the device and {OnHost} on the host; {requests} requests, popularity 1 / rank (Zipf); Llama, 128 wide, 4 layers");
        using var scope = NewDisposeScope();
        using var source = new RandomWeights(BenchModels.Tiny, seed: 1);
        using var model = new CausalLanguageModel(BenchModels.Tiny, source);
        model.eval();
        using var folder = new TemporaryFolder();
        var bytes = Write(model, folder);
        using var router = BenchExperts.Router(Features, Experts, maturity: 1, Distance);
        var asked = Requests(requests);
        using var posterior = router.Probabilities(BenchExperts.Prompts(Features, [.. asked.Select(expert => expert + 1)], seed: 17, Distance)).narrow(1, 1, Experts).contiguous();   // (requests, E)
        var routed = posterior.argmax(-1).data<long>().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The router sends {100.0 * routed.Zip(asked).Count(pair => pair.First == pair.Second) / requests:0.0} % of the requests to their expert; each goes where it is sent."));
        Console.WriteLine();
        Console.WriteLine("| prefetch | device hits | host hits | waited for the disk | read ahead | wait, median ms | wait, 99th percentile ms |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, waiting) in new[] { ("none", 0), ("the next request", 1), ("eight waiting requests", OnDevice) })
        {
            if (!Serve(model, folder, bytes, routed, posterior, name, waiting))
            {
                return 1;
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Every {CheckEvery}th answer was compared with that of the same adapter freshly loaded: all equal, bit for bit.");
        return 0;
    }

    private static long Write(CausalLanguageModel model, TemporaryFolder folder)
    {
        var bytes = 0L;
        for (var expert = 0; expert < Experts; expert++)
        {
            using var adapter = BenchExperts.Trained(model, new LoraConfig { Rank = 4 }, expert + 1);
            PeftFolder.Save(FolderOf(folder, expert), adapter);
            bytes = adapter.Bytes;
        }

        return bytes;
    }

    private static int[] Requests(int count)
    {
        var random = new SeededRandom(23);
        var cumulated = new double[Experts];
        for (var rank = 0; rank < Experts; rank++)
        {
            cumulated[rank] = (rank == 0 ? 0 : cumulated[rank - 1]) + (1.0 / (rank + 1));
        }

        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var at = Array.BinarySearch(cumulated, random.NextDouble() * cumulated[^1]);
            return Math.Min(Experts - 1, at < 0 ? ~at : at);
        })];
    }

    private static bool Serve(CausalLanguageModel model, TemporaryFolder folder, long bytes, long[] routed, Tensor posterior, string name, int waiting)
    {
        using var pool = new AdapterPool(model, new AdapterPoolOptions { DeviceBytes = OnDevice * bytes, HostBytes = OnHost * bytes });
        var waits = new List<double>();
        for (var request = 0; request < routed.Length; request++)
        {
            if (waiting > 0)
            {
                pool.Prefetch([.. Likeliest(posterior, request, waiting).Select(expert => FolderOf(folder, (int)expert))]);
            }

            var clock = Stopwatch.StartNew();
            using var lease = pool.Acquire(FolderOf(folder, (int)routed[request]));
            clock.Stop();
            waits.Add(clock.Elapsed.TotalMilliseconds);
            if (request % CheckEvery == 0 && !AnswersAsFresh(model, lease.Adapter, FolderOf(folder, (int)routed[request])))
            {
                Console.Error.WriteLine($"Request {request} (expert {routed[request]}) was not answered as a freshly loaded adapter answers.");
                return false;
            }
        }

        var counts = pool.Counts;
        waits.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Share(counts.DeviceHits)} | {Share(counts.HostHits)} | {Share(counts.DiskReads)} | {counts.ReadAhead:N0} | {Statistics.Median(waits):0.000} | {waits[(int)(waits.Count * 0.99)]:0.000} |"));
        return true;

        string Share(long hits) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * hits / routed.Length:0.0} %");
    }

    /// <summary>The experts in order of the waiting requests' summed posterior.</summary>
    private static long[] Likeliest(Tensor posterior, int first, int waiting)
    {
        using var scope = NewDisposeScope();
        var queue = posterior.narrow(0, first, Math.Min(waiting, posterior.shape[0] - first)).sum([0L]);   // (E)
        return queue.topk(OnDevice).indexes.data<long>().ToArray();
    }

    private static bool AnswersAsFresh(CausalLanguageModel model, LoraAdapter adapter, string folder)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var fresh = PeftFolder.Load(folder, model);
        var ids = arange(Tokens, dtype: ScalarType.Int64).unsqueeze(0);
        Tensor Answer(LoraAdapter one) => model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(one) });
        return Answer(adapter).equal(Answer(fresh)).all().item<bool>();
    }

    private static string FolderOf(TemporaryFolder folder, int expert) => folder.File(FormattableString.Invariant($"expert-{expert}"));
}
