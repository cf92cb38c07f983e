using DyLoraMoe.Benchmarks;
using DyLoraMoe.Core.Compute;
using TorchSharp;

var settings = Settings.Parse(args);
if (Benchmark.All.Concat(Benchmark.Workers).FirstOrDefault(each => each.Name == settings.Command) is not { } benchmark)
{
    Console.Error.WriteLine($"usage:\n{string.Join('\n', Benchmark.All.Select(each => "  " + each.Usage))}");
    return 2;
}

if (benchmark.Unknown(settings) is { } unknown)
{
    Console.Error.WriteLine($"{benchmark.Name} has no option --{unknown}\nusage: {benchmark.Usage}");
    return 2;
}

if (benchmark.Name == "serving")
{
    // As the router does.
    IdleThreads.Sleep();
}

// As the trainer and the router do.
FreedMemory.Keep();

torch.set_num_threads(settings.Threads);
return await benchmark.RunAsync(settings);
