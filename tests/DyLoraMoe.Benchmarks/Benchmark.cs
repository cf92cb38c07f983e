namespace DyLoraMoe.Benchmarks;

/// <summary>Something that can be measured.</summary>
/// <param name="Name">Its command.</param>
/// <param name="Options">The options that it takes besides <c>--threads</c>, separated by spaces.</param>
/// <param name="RunAsync">Measures it.</param>
internal sealed record Benchmark(string Name, string Options, Func<Settings, Task<int>> RunAsync)
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("train", "rounds steps device python", TrainingComparison.Run),
        new("lora", "rounds steps device", LoraComparison.Run),
        new("context", "context answer steps device", ContextComparison.Run),
        new("memory", "steps", MemoryGrowth.Run),
        new("memory-distillation", "seeds steps model report", MemoryDistillation.Run),
        new("load", "folder", FileLoading.Run),
        new("shakespeare", "seed steps", Shakespeare.Run),
        new("optimizers", "seeds steps rows context held-out", OptimizerComparison.Run),
        new("decision", "runs tokens models out report", Decision.DecisionComparison.Run),
        new("growth", "seeds seed arms model out report measured quick", Growth.GrowthComparison.Run),
        new("infinite", "seeds seed axis out report measured quick", Infinite.InfiniteComparison.Run),
        new("routing", "rounds", Routing.Run),
        new("pool", "steps", Pool.Run),
        new("novelty", "rounds skills tokens", NoveltyCost.Run),
        new("serving", "rounds tokens device plots", Serving.Run),
        new("json", "rounds", JsonCost.Run),
        new("traffic", "rolls rollbacks minutes rate plots", Traffic.RunAsync),
        new("growth-traffic", "steps rate", GrowthTraffic.RunAsync),
        new("operator", "events skills minutes", OperatorCost.RunAsync),
        new("diversity", "data model", Diversity.Run),
    ];

    /// <summary>What benchmarks start as processes of their own.</summary>
    public static IReadOnlyList<Benchmark> Workers { get; } =
    [
        new(TrainingWorker.Command, "weights device", TrainingWorker.Run),
        new(ContextWorker.Command, "arm context answer steps device", ContextWorker.Run),
        new(LoraWorker.Command, "train steps device", LoraWorker.Run),
        new(FileLoading.WorkerCommand, "folder", FileLoading.Load),
    ];

    private Benchmark(string name, string options, Func<Settings, int> run)
        : this(name, options, settings => Task.FromResult(run(settings)))
    {
    }

    /// <summary>The command line that it takes.</summary>
    public string Usage => $"DyLoraMoe.Benchmarks {Name} [--threads N]{string.Concat(Options.Split(' ').Select(option => $" [--{option}]"))}";

    /// <summary>An option that it does not take; null when it takes all.</summary>
    /// <param name="settings">What was asked for.</param>
    public string? Unknown(Settings settings) => settings.Names.FirstOrDefault(name => name != "threads" && !Options.Split(' ').Contains(name));
}
