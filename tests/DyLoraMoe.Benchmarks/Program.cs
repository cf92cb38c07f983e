using DyLoraMoe.Benchmarks;
using DyLoraMoe.Benchmarks.Growth;
using DyLoraMoe.Benchmarks.Infinite;
using DyLoraMoe.Core.Compute;
using TorchSharp;

var settings = Settings.Parse(args);
if (settings.Command == "serving")
{
    // As the router does.
    IdleThreads.Sleep();
}

torch.set_num_threads(settings.Threads);

return settings.Command switch
{
    "train" => TrainingComparison.Run(settings),
    "lora" => LoraComparison.Run(settings),
    "memory" => MemoryGrowth.Run(settings),
    "memory-distillation" => MemoryDistillation.Run(settings),
    "load" => FileLoading.Run(settings),
    "novelty" => NoveltyCost.Run(settings),
    "shakespeare" => Shakespeare.Run(settings),
    "context" => ContextComparison.Run(settings),
    "routing" => Routing.Run(settings),
    "optimizers" => OptimizerComparison.Run(settings),
    "growth" => GrowthComparison.Run(settings),
    "infinite" => InfiniteComparison.Run(settings),
    "pool" => Pool.Run(settings),
    "operator" => await OperatorCost.RunAsync(settings),
    "serving" => Serving.Run(settings),
    "diversity" => Diversity.Run(settings),
    "traffic" => await Traffic.RunAsync(settings),
    "growth-traffic" => await GrowthTraffic.RunAsync(settings),

    // What the benchmarks start as processes of their own.
    TrainingWorker.Command => TrainingWorker.Run(settings),
    ContextWorker.Command => ContextWorker.Run(settings),
    LoraWorker.Command => LoraWorker.Run(settings),
    FileLoading.WorkerCommand => FileLoading.Load(settings),
    _ => Settings.Usage(),
};
