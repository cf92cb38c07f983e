using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// What the engine makes of a machine: tokens per second of a full batch against one stream, with many experts against none, and one stream against
/// the memory that its weights come from. The sides take turns, in one process.
/// </summary>
internal static class Serving
{
    private const int Batch = 16;
    private const int PromptTokens = 32;
    private const int MostExperts = 64;
    private const int FirstTokenExperts = 8;
    private const int FirstTokenPrompt = 128;

    public static int Run(Settings settings)
    {
        var plots = settings.Text("plots", "");
        var (rounds, tokens) = (settings.Number("rounds", 9), settings.Number("tokens", 24));
        using var folder = new TemporaryFolder();
        using (var builtin = LoadedBuiltin(settings.Device))
        {
            Console.WriteLine($"The built-in backbone, {settings.DeviceName}, {settings.Threads} threads, {tokens * 8} tokens after prompts of {PromptTokens}; medians of {rounds * 5} rounds");
            Print(Measure(builtin, [new("one stream", 1, _ => ExpertChoice.Backbone), new($"batch of {Batch}", Batch, _ => ExpertChoice.Backbone)], rounds * 5, tokens * 8));
        }

        Console.WriteLine("The bench model, float32, experts of rank 8 on all linear layers");
        using var set = LoadedBench(folder, settings.Device, MostExperts, AdapterMode.Activated);
        var draw = new SeededRandom(1);
        ExpertChoice Forced(int index, int experts) => ExpertChoice.Of(set.Experts[index % experts].Member.Name);
        var speeds = Measure(
            set,
            [
                new("one stream, bare backbone", 1, _ => ExpertChoice.Backbone),
                new($"batch of {Batch}, bare backbone", Batch, _ => ExpertChoice.Backbone),
                new("all use 1 expert", Batch, index => Forced(index, 1)),
                new("8 experts, one each", Batch, index => Forced(index, 8)),
                new($"{Batch} experts, one each", Batch, index => Forced(index, Batch)),
                new($"{MostExperts} experts, each answer draws one", Batch, _ => Forced(draw.Next(MostExperts), MostExperts)),
                new($"{MostExperts} experts, all in every answer", Batch, _ => ExpertChoice.Routed),
            ],
            rounds,
            tokens);
        Print(speeds);
        Plot(plots, "throughput.svg", $"bench model, {settings.DeviceName}: tokens per second", [.. speeds.Select(side => (side.Name, side.Rounds))], decimals: 0);
        var bandwidth = Bandwidth(settings.Device);
        var weights = set.Model.parameters().Sum(parameter => parameter.numel() * parameter.ElementSize) - (set.Model.Config.VocabularySize * (long)set.Model.Config.HiddenSize * sizeof(float));
        Console.WriteLine(FormattableString.Invariant($"memory gives {bandwidth / 1e9:0.0} GB/s; one stream reads {weights / 1e6:0} MB a token: {speeds[0].Speed * weights / bandwidth:0.00} of the limit"));
        FirstTokens(set, folder, settings, plots);
        return 0;
    }

    // One prompt at a time, none of which was read before; the experts are in memory, as those of a router that serves are.
    private static void FirstTokens(LoadedSet many, TemporaryFolder folder, Settings settings, string plots)
    {
        using var activated = LoadedBench(folder, settings.Device, FirstTokenExperts, AdapterMode.Activated);
        using var full = LoadedBench(folder, settings.Device, FirstTokenExperts, AdapterMode.Full);
        using var bare = new FirstTokenSide("bare backbone", many, ExpertChoice.Backbone);
        using var activatedSide = new FirstTokenSide($"{FirstTokenExperts} experts, all dense, Activated", activated, ExpertChoice.Routed);
        using var fullSide = new FirstTokenSide($"{FirstTokenExperts} experts, all dense, Full", full, ExpertChoice.Routed);
        FirstTokenSide[] sides = [bare, activatedSide, fullSide];
        for (var round = -1; round < settings.Number("rounds", 9) * 3; round++)
        {
            foreach (var side in round % 2 == 0 ? sides : sides.Reverse())
            {
                side.Ask(round + 2, counts: round >= 0);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"| prompt of {FirstTokenPrompt} tokens | to the first token, ms | against bare |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var side in sides)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {side.Name} | {1000 * side.Median:0.0} | {side.Median / bare.Median:0.00} |"));
        }

        Plot(plots, "first-token.svg", $"prompt of {FirstTokenPrompt} tokens: milliseconds to the first token", [.. sides.Select(side => (side.Name, side.Seconds.Select(seconds => 1000 * seconds)))], decimals: 0);
    }

    private static void Plot(string folder, string file, string title, IReadOnlyList<(string Name, IEnumerable<double> Rounds)> sides, int decimals)
    {
        if (folder.Length > 0)
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteText(Path.Combine(folder, file), Charts.Bars(title, [.. sides.Select(side => (side.Name, MeanInterval.Of(side.Rounds)))], decimals));
        }
    }

    private static List<Measured> Measure(LoadedSet set, IReadOnlyList<Side> sides, int rounds, int tokens)
    {
        var speeds = sides.ToDictionary(side => side.Name, _ => new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var side in round % 2 == 0 ? sides : sides.Reverse())
            {
                speeds[side.Name].Add(Speed(set, side, tokens));
            }
        }

        return [.. sides.Select(side => new Measured(side.Name, speeds[side.Name]))];
    }

    // Counts the passes that all rows are in: reading the prompts is no part of it.
    private static double Speed(LoadedSet set, Side side, int tokens)
    {
        var clock = new PassClock(side.Rows);
        using var engine = new GenerationEngine(set, new EngineOptions { MaxBatch = Batch, MaxContext = 256, PrefixBytes = 0 }, clock, TimeProvider.System);
        var settings = new SamplingSettings { MaxTokens = tokens + (side.Rows / 2) + 4, Temperature = 0, IgnoresEnd = true };
        var requests = Enumerable.Range(0, side.Rows).Select(row => new GenerationRequest([.. Enumerable.Range(0, PromptTokens).Select(at => 3 + (((row * 37) + (at * 11)) % 900))], settings, side.Choice(row)));
        Answer(engine, [.. requests]);
        return clock.TokensPerSecond;
    }

    private static void Answer(GenerationEngine engine, GenerationRequest[] requests)
    {
        using var generation = engine.Submit(requests, "bench");
        foreach (var happened in generation.Events(CancellationToken.None).ToBlockingEnumerable())
        {
            if (happened is SequenceFailed failed)
            {
                throw new InvalidOperationException("A sequence failed.", failed.Error);
            }
        }
    }

    private static void Print(List<Measured> speeds)
    {
        Console.WriteLine();
        Console.WriteLine("| side | tokens per second | against the bare batch |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var side in speeds)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {side.Name} | {side.Speed:0.0} | {side.Speed / speeds[1].Speed:0.00} |"));
        }

        Console.WriteLine();
    }

    private static double Bandwidth(Device device)
    {
        using var scope = NewDisposeScope();
        var values = ones(1 << 27, device: device);
        var best = double.MaxValue;
        for (var turn = 0; turn < 5; turn++)
        {
            var clock = Stopwatch.StartNew();
            values.sum().item<float>();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return values.numel() * sizeof(float) / best;
    }

    private static LoadedSet LoadedBuiltin(Device device)
    {
        var folder = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        var model = ModelFolder.Load(folder, ScalarType.Float32, device);
        return Loaded(model, TextTokenizer.Load(folder), [], router: false);
    }

    private static LoadedSet LoadedBench(TemporaryFolder folder, Device device, int count, AdapterMode mode)
    {
        using var source = new RandomWeights(BenchModels.Bench, seed: 1, device: device);
        var model = new CausalLanguageModel(BenchModels.Bench, source);
        model.eval();
        List<LoadedExpert> experts = [];
        for (var index = 0; index < count; index++)
        {
            using var adapter = BenchExperts.Trained(model, new LoraConfig { Rank = 8, Mode = mode }, index + 1);
            var place = folder.File($"{mode}-{index + 1}");
            Directory.CreateDirectory(place);
            PeftFolder.Save(place, adapter);
            experts.Add(new LoadedExpert(new SetMember($"expert-{index + 1}", "sha256:" + Artifacts.ArtifactDigest.Hex(Artifacts.ArtifactDigest.OfFolder(place)), 1, mode.ToString(), 8, 0), place, adapter.Config, adapter.Bytes));
        }

        return Loaded(model, Tokenizer(folder), experts, router: true);
    }

    private static LoadedSet Loaded(CausalLanguageModel model, TextTokenizer tokenizer, List<LoadedExpert> experts, bool router)
    {
        var pooler = new FeaturePooler(model.Config);
        return new LoadedSet
        {
            Document = new SetRevision { Backbone = new BackboneInput("bench", null, "float32"), Experts = [.. experts.Select(expert => expert.Member)] },
            Revision = "sha256:" + new string('0', 64),
            BackboneDigest = "",
            Model = model,
            Tokenizer = tokenizer,
            Experts = experts,
            Pool = new ExpertPool(experts, new AdapterPool(model, new AdapterPoolOptions { DeviceBytes = 1L << 30, HostBytes = 0 })),
            Router = router ? BenchExperts.Router(FeatureOptions.Default.WidthFor(model.Config), experts.Count, maturity: 0) : null,
            Pooler = pooler,
            EndTokens = new HashSet<int>(),
            Texts = AnswerTexts.Of(tokenizer, model.Config.VocabularySize, new HashSet<int>()),
        };
    }

    // The built-in backbone's tokenizer with as many more tokens as the bench model has.
    private static TextTokenizer Tokenizer(TemporaryFolder folder)
    {
        var source = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        var place = folder.File("tokenizer");
        Directory.CreateDirectory(place);
        var text = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "tokenizer.json")))!;
        var vocabulary = text["model"]!["vocab"]!.AsObject();
        for (var id = vocabulary.Count + text["added_tokens"]!.AsArray().Count; id < BenchModels.Bench.VocabularySize; id++)
        {
            vocabulary.TryAdd($"more{id}", id);
        }

        File.WriteAllText(Path.Combine(place, "tokenizer.json"), text.ToJsonString());
        File.Copy(Path.Combine(source, "tokenizer_config.json"), Path.Combine(place, "tokenizer_config.json"), overwrite: true);
        return TextTokenizer.Load(place);
    }

    /// <param name="Name">What it is.</param>
    /// <param name="Rows">Sequences at once.</param>
    /// <param name="Choice">Who answers each.</param>
    private sealed record Side(string Name, int Rows, Func<int, ExpertChoice> Choice);

    private sealed record Measured(string Name, IReadOnlyList<double> Rounds)
    {
        public double Speed => Statistics.Median(Rounds);
    }

    /// <summary>An engine that is asked for one token after another.</summary>
    private sealed class FirstTokenSide : IDisposable
    {
        private readonly PassClock _clock = new(1);
        private readonly GenerationEngine _engine;
        private readonly ExpertChoice _choice;
        private readonly List<double> _seconds = [];

        public FirstTokenSide(string name, LoadedSet set, ExpertChoice choice)
        {
            Name = name;
            _choice = choice;
            _engine = new GenerationEngine(set, new EngineOptions { MaxBatch = 1, MaxContext = 256, PrefixBytes = 0 }, _clock, TimeProvider.System);
        }

        public string Name { get; }

        public IReadOnlyList<double> Seconds => _seconds;

        public double Median => Statistics.Median(_seconds);

        public void Ask(int seed, bool counts)
        {
            int[] prompt = [.. Enumerable.Range(0, FirstTokenPrompt).Select(at => 3 + (((seed * 37) + (at * 11)) % 900))];
            Answer(_engine, [new GenerationRequest(prompt, new SamplingSettings { MaxTokens = 1, Temperature = 0, IgnoresEnd = true }, _choice)]);
            if (counts)
            {
                _seconds.Add(_clock.First.TotalSeconds);
            }
        }

        public void Dispose() => _engine.Dispose();
    }

    private sealed class PassClock(int rows) : IEngineObserver
    {
        private long _first;
        private long _last;
        private int _passes = -1;

        /// <summary>From arrival to the latest first token.</summary>
        public TimeSpan First { get; private set; }

        public double TokensPerSecond => _passes * rows / Stopwatch.GetElapsedTime(_first, _last).TotalSeconds;

        public void PromptRead(Sequence sequence, RoutingDecision decision, int cachedTokens, TimeSpan waited)
        {
        }

        public void FirstToken(Sequence sequence, TimeSpan sinceArrival) => First = sinceArrival;

        public void NextToken(Sequence sequence, TimeSpan sinceLast)
        {
        }

        public void Stepped(int count, int experts)
        {
            if (count == rows)
            {
                _last = Stopwatch.GetTimestamp();
                _first = _passes < 0 ? _last : _first;
                _passes++;
            }
        }

        public void Failed(Exception error, int sequences)
        {
        }
    }
}
