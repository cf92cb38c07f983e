using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

public class DetachedContextTests
{
    private static readonly TrainingOptions Options = new() { Rows = 4, Context = 32, ClipNorm = null, Gradient = GradientScope.DetachedContext };

    // Contexts of different lengths, in rows of one sample with padding and in rows of several.
    public static TheoryData<ModelFamily, bool, bool> Batches =>
        new MatrixTheoryData<ModelFamily, bool, bool>([ModelFamily.Llama, ModelFamily.Mistral, ModelFamily.Qwen2, ModelFamily.Gemma], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Batches))]
    public void The_loss_of_a_model_is_that_of_the_ordinary_pass(ModelFamily family, bool isPacked, bool isCheckpointed)
    {
        using var model = TinyModels.Create(family);
        var batch = Batch(isPacked);

        var ordinary = Gradients(TrainingStep.OfModel(model, Options with { Gradient = GradientScope.Everywhere }), batch);
        var detached = Gradients(TrainingStep.OfModel(model, Options with { GradientCheckpointing = isCheckpointed }), batch);

        Assert.Equal(ordinary.Loss, detached.Loss, 1e-5);
        Assert.True(Distance(ordinary, detached) > 1e-3, "no gradient goes through the context, so they must differ");
    }

    [Theory]
    [InlineData(AdapterMode.Full, true)]
    [InlineData(AdapterMode.Full, false)]
    [InlineData(AdapterMode.Activated, true)]
    [InlineData(AdapterMode.Activated, false)]
    public void The_loss_of_an_expert_is_that_of_the_ordinary_pass_and_for_an_activated_one_the_gradient_is_too(AdapterMode mode, bool isPacked)
    {
        using var model = TinyModels.Create(ModelFamily.Mistral);
        using var adapter = Expert(model, mode);
        var batch = Batch(isPacked);

        var ordinary = Gradients(TrainingStep.OfExpert(model, adapter, Options with { Gradient = GradientScope.Everywhere }), batch);
        var detached = Gradients(TrainingStep.OfExpert(model, adapter, Options), batch);

        Assert.Equal(ordinary.Loss, detached.Loss, 1e-5);
        Assert.Equal(mode == AdapterMode.Activated, Distance(ordinary, detached) < 1e-5);
    }

    [Fact]
    public void Checkpointing_changes_nothing_about_the_gradient()
    {
        using var model = TinyModels.Create(ModelFamily.Qwen2);
        var batch = Batch(isPacked: true);

        var kept = Gradients(TrainingStep.OfModel(model, Options), batch);
        var again = Gradients(TrainingStep.OfModel(model, Options with { GradientCheckpointing = true }), batch);

        Assert.True(Distance(kept, again) < 1e-5);
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences_with_keys_and_values_as_constants()
    {
        const double H = 2e-3;
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        var batch = Batch(isPacked: true);
        var constants = new Dictionary<string, EncodedContext>();
        EncodedContext Constant(long[] ids) => (constants.TryGetValue(string.Join(' ', ids), out var known)
            ? known
            : constants[string.Join(' ', ids)] = ContextEncoder.Encode(model, ids, null)).Shared();
        double Loss() => Mean(model, batch, Constant).item<double>();
        model.Unfreeze();
        Mean(model, batch, Constant).backward();

        foreach (var (name, parameter) in model.named_parameters())
        {
            using var _ = no_grad();
            var gradient = parameter.grad!;
            var length = gradient.norm().item<float>();
            var step = gradient / length * H;
            parameter.add_(step);
            var above = Loss();
            parameter.sub_(step * 2);
            var below = Loss();
            parameter.add_(step);
            Assert.True(Math.Abs(((above - below) / (2 * H)) - length) < (0.02 * length) + 1e-3, $"{name}: {(above - below) / (2 * H)} by differences, {length} by the gradient");
        }

        foreach (var context in constants.Values)
        {
            context.Dispose();
        }
    }

    [Theory]
    [InlineData(AdapterMode.Activated)]
    [InlineData(AdapterMode.Full)]
    public void An_activated_expert_leaves_contexts_and_the_loss_on_them_as_they_were_and_a_full_one_does_not(AdapterMode mode)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var adapter = Expert(model, mode);
        long[] ids = [1, 9, 12, 20, 11, 4];
        var (keys, loss) = Context(model, adapter, ids);
        using var step = TrainingStep.OfExpert(model, adapter, Options);
        for (var taken = 0; taken < 5; taken++)
        {
            step.Accumulate(Batch(isPacked: true), 1);
            step.Apply(1e-2);
        }

        var (keysAfter, lossAfter) = Context(model, adapter, ids);

        Assert.Equal(mode == AdapterMode.Activated, keys.Zip(keysAfter).All(pair => pair.First.HasBitsOf(pair.Second)));
        Assert.Equal(mode == AdapterMode.Activated, loss == lossAfter);
    }

    [Fact]
    public void Queries_alone_leave_every_other_weight_of_a_model_as_it_was()
    {
        using var model = TinyModels.Create(ModelFamily.Qwen2);
        model.Unfreeze();
        var before = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.detach().clone());
        using var step = TrainingStep.OfModel(model, Options with { Gradient = GradientScope.DetachedContextQueries, WeightDecay = 0.1 });
        step.Accumulate(Batch(isPacked: false), 1);
        step.Apply(1e-2);

        Assert.All(model.named_parameters(), pair => Assert.Equal(!pair.name.Contains("q_proj", StringComparison.Ordinal), before[pair.name].HasBitsOf(pair.parameter)));
    }

    [Fact]
    public void Queries_alone_leave_every_other_factor_of_an_expert_as_it_was()
    {
        using var model = TinyModels.Create();
        using var adapter = Expert(model, AdapterMode.Full);
        var before = adapter.Layers.ToDictionary(pair => pair.Key, pair => pair.Value.B.detach().clone());
        using var step = TrainingStep.OfExpert(model, adapter, Options with { Gradient = GradientScope.DetachedContextQueries });
        step.Accumulate(Batch(isPacked: false), 1);
        step.Apply(1e-2);

        Assert.All(adapter.Layers, pair => Assert.Equal(!pair.Key.Contains("q_proj", StringComparison.Ordinal), before[pair.Key].HasBitsOf(pair.Value.B)));
    }

    [Fact]
    public void A_sample_without_a_prompt_and_one_without_a_target_are_no_trouble()
    {
        using var model = TinyModels.Create();
        TokenizedSample[] samples = [TokenizedSample.Whole([1, 9, 10, 2]), new([1, 9, 10, 4, 12, 2], 4, LossStart: 99, 3), .. TinyData.Shifted(1)];
        foreach (int[][] rows in new int[][][] { [[0, 1, 2]], [[0], [1], [2]], [[0]], [[1]] })
        {
            var batch = PackedBatch.Of(samples, rows, 32);

            var ordinary = Gradients(TrainingStep.OfModel(model, Options with { Gradient = GradientScope.Everywhere }), batch);
            var detached = Gradients(TrainingStep.OfModel(model, Options), batch);

            Assert.Equal(ordinary.Loss, detached.Loss, 1e-5);
        }
    }

    [Fact]
    public void Contexts_are_read_once_for_all_epochs_and_all_activated_experts()
    {
        using var model = TinyModels.Create();
        using var store = new ContextStore(model);
        var batch = Batch(isPacked: true);
        var contexts = batch.RowSamples.Sum(row => row.Length);
        for (var expert = 0; expert < 2; expert++)
        {
            using var adapter = Expert(model, AdapterMode.Activated);
            using var step = TrainingStep.OfExpert(model, adapter, Options, store);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                step.Accumulate(batch, 1);
                step.Apply(1e-2);
            }
        }

        Assert.Equal(6 * contexts, store.Hits + store.Misses);
        Assert.True(store.Misses <= contexts);
    }

    [Fact]
    public void A_store_keeps_to_its_capacity_and_gives_the_same_with_and_without_room()
    {
        using var model = TinyModels.Create();
        using var small = new ContextStore(model, 4 * 2 * 2 * 2 * 8 * 5);
        using var none = new ContextStore(model, 0);
        using var adapter = Expert(model, AdapterMode.Activated);
        var batch = Batch(isPacked: true);

        var a = Gradients(TrainingStep.OfExpert(model, adapter, Options, small), batch);
        var b = Gradients(TrainingStep.OfExpert(model, adapter, Options, none), batch);
        var c = Gradients(TrainingStep.OfExpert(model, adapter, Options), batch);

        Assert.InRange(small.Bytes, 1, small.Capacity);
        Assert.Equal(0, none.Bytes);
        Assert.Equal((0, 0), (Distance(a, b), Distance(a, c)));
    }

    [Fact]
    public void A_store_never_answers_with_what_other_weights_have_read()
    {
        using var model = TinyModels.Create();
        using var other = TinyModels.Create(seed: 8);
        using var store = new ContextStore(model);
        using var adapter = Expert(model, AdapterMode.Activated);
        using var step = TrainingStep.OfExpert(model, adapter, Options, store);
        step.Accumulate(Batch(isPacked: true), 1);
        Assert.True(store.Bytes > 0);

        using (var whole = TrainingStep.OfModel(model, Options))
        {
            whole.Accumulate(Batch(isPacked: true), 1);
            whole.Apply(1e-2);
            Assert.Throws<InvalidOperationException>(() => step.Accumulate(Batch(isPacked: true), 1));
        }

        using var next = TrainingStep.OfExpert(model, adapter, Options, store);
        Assert.Equal(0, store.Bytes);
        Assert.Throws<ArgumentException>(() => TrainingStep.OfExpert(other, adapter, Options, store));
    }

    [Fact]
    public void A_run_learns_by_it_and_goes_on_from_a_checkpoint_with_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var (straight, first, last) = Run(null, null);
        Run(folder.FullPath, stopAt: 7);

        var (resumed, _, _) = Run(folder.FullPath, null);

        Assert.True(last < first - 0.3, $"{first} -> {last}");
        Assert.All(straight.Zip(resumed), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
    }

    [Fact]
    public void What_leaves_no_context_or_no_weight_is_refused()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { TargetModules = ["v_proj"] }, seed: 1);

        Assert.Contains("Loss", Assert.Throws<ValidationException>(() => (Options with { Loss = LossOn.Everything }).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("q_proj", Assert.Throws<ArgumentException>(() => TrainingStep.OfExpert(model, adapter, Options with { Gradient = GradientScope.DetachedContextQueries })).Message, StringComparison.Ordinal);
    }

    private static (Tensor[] Weights, double? First, double? Last) Run(string? folder, int? stopAt)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated }, seed: 1);
        var options = Options with { MaxSteps = 30, EvaluateEvery = 10, Seeding = new() { Rate = 2e-2, WarmUpSteps = 3, MaxSteps = 20, PlateauPatience = null } };
        using var run = TrainingRun.OfExpert(
            model, adapter, TrainingData.OfSamples(TinyData.Shifted(40), TinyData.Shifted(8, seed: 2)), options, new RunSettings { CheckpointFolder = folder, LogEvery = 1, Progress = [stopper] });
        var report = run.Run(stop.Token);
        return ([.. adapter.Parameters.Select(parameter => parameter.detach().clone())], report.BaselineLoss, report.FinalLoss);
    }

    private static Tensor Mean(CausalLanguageModel model, PackedBatch batch, Func<long[], EncodedContext> encode)
    {
        var hidden = DetachedPass.Hidden(model, batch, null, encode, checkpointing: false);
        using var targets = tensor([.. batch.Targets.Where(target => target != PackedBatch.IgnoredTarget)], device: model.Device);
        return nn.functional.cross_entropy(model.Head(hidden).to_type(ScalarType.Float64), targets);
    }

    private static PackedBatch Batch(bool isPacked)
    {
        var samples = TinyData.Shifted(5);
        return PackedBatch.Of(samples, isPacked ? [[0, 1], [2, 3], [4]] : [[0], [1], [2], [3], [4]], 32);
    }

    private static LoraAdapter Expert(CausalLanguageModel model, AdapterMode mode)
    {
        using var _ = no_grad();
        using var random = new Generator(3, CPU);
        var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        foreach (var layer in adapter.Layers.Values)
        {
            layer.B.copy_(randn(layer.B.shape, generator: random) * 0.1);
        }

        return adapter;
    }

    private static (Dictionary<string, Tensor> Gradients, double Loss) Gradients(TrainingStep step, PackedBatch batch)
    {
        using (step)
        {
            step.Accumulate(batch, batch.LossTokens);
            var gradients = step.Parameters.ToDictionary(pair => pair.Name, pair => pair.Parameter.grad!.clone());
            step.Apply(0);
            return (gradients, step.TakeLoss()!.Value);
        }
    }

    private static double Distance((Dictionary<string, Tensor> Gradients, double Loss) a, (Dictionary<string, Tensor> Gradients, double Loss) b) =>
        a.Gradients.Max(pair => pair.Value.DistanceTo(b.Gradients[pair.Key]));

    private static (List<Tensor> Keys, double Loss) Context(CausalLanguageModel model, LoraAdapter adapter, long[] ids)
    {
        using var _ = no_grad();
        var silent = adapter.Config.Mode == AdapterMode.Activated ? zeros([1, ids.Length], ScalarType.Bool, model.Device) : null;
        var delta = new AdapterDelta(adapter, silent);
        using var encoded = ContextEncoder.Encode(model, ids, delta);
        var logits = model.Logits(tensor(ids, [1, ids.Length], device: model.Device), new ForwardOptions { Delta = delta })[0];
        var loss = nn.functional.cross_entropy(logits.narrow(0, 0, ids.Length - 1), tensor(ids[1..], device: model.Device)).item<float>();
        return ([.. encoded.Layers.SelectMany(layer => new[] { layer.Keys.clone(), layer.Values.clone() })], loss);
    }
}
