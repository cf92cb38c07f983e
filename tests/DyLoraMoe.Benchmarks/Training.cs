using DyLoraMoe.Core.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>The plain training step that is measured: forward, cross entropy, backward, AdamW.</summary>
internal static class Training
{
    public const double LearningRate = 3e-4;
    public const double WeightDecay = 0.01;

    public static optim.Optimizer Optimizer(IEnumerable<Parameter> parameters) =>
        optim.AdamW(parameters, lr: LearningRate, weight_decay: WeightDecay);

    /// <summary>Ids that every process draws alike.</summary>
    public static Tensor RandomIds(ModelConfig config, params long[] shape)
    {
        using var random = new Generator(1, CPU);
        return randint(config.VocabularySize, shape, dtype: ScalarType.Int64, generator: random);
    }

    /// <summary>Takes one step on (B, T + 1) ids and returns the loss.</summary>
    public static Tensor Step(CausalLanguageModel model, optim.Optimizer optimizer, Tensor ids, IProjectionDelta? delta = null)
    {
        using var scope = NewDisposeScope();
        var tokens = ids.shape[1] - 1;
        var inputs = ids.narrow(1, 0, tokens);                                                            // (B, T)
        var targets = ids.narrow(1, 1, tokens).reshape(-1);                                               // (B·T)
        optimizer.zero_grad();
        var logits = model.Logits(inputs, new ForwardOptions { Delta = delta });                          // (B, T, V)
        var loss = nn.functional.cross_entropy(logits.view(-1, logits.shape[^1]), targets);
        loss.backward();
        optimizer.step();
        return loss.detach().MoveToOuterDisposeScope();
    }
}
