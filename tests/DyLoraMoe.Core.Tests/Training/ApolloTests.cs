using System.Text.Json;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

[Collection(UsesDefaultGenerator.Name)]
public class ApolloTests
{
    private static readonly TrainingOptions Options = new() { Apollo = new() { NormWarmUp = 1 }, Beta2 = 0.999 };

    [Theory]
    [InlineData("channel_wide")]
    [InlineData("channel_tall")]
    [InlineData("mini_wide")]
    [InlineData("mini_tall")]
    public void Weights_after_every_step_are_those_of_the_authors_own_code(string name)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(SharedFiles.Shared("fixtures/apollo.safetensors"));
        using var settings = JsonDocument.Parse(file.Metadata[name]);
        var (steps, rate) = (settings.RootElement.GetProperty("steps").GetInt32(), settings.RootElement.GetProperty("lr").GetDouble());
        var isMini = settings.RootElement.GetProperty("scale_type").GetString() == "tensor";
        var options = Options with
        {
            WeightDecay = settings.RootElement.GetProperty("weight_decay").GetDouble(),
            Apollo = (isMini ? ApolloOptions.Mini : new()) with { Rank = settings.RootElement.GetProperty("rank").GetInt32(), NormWarmUp = 1, Scale = Math.Sqrt(settings.RootElement.GetProperty("scale").GetDouble()) },
        };
        var weight = new Parameter(file.Read($"{name}.w0"));
        var isTall = weight.shape[0] > weight.shape[1];
        using var matrix = new ApolloMatrix(name, weight, options, 0) { Projections = step => file.Read($"{name}.p{step}") is var p && isTall ? p.t() : file.Read($"{name}.p{step}") };

        for (var step = 1; step <= steps; step++)
        {
            weight.grad = file.Read($"{name}.g{step}");
            matrix.Step(rate);
            Assert.Equal(0, weight.DistanceTo(file.Read($"{name}.w{step}")), 1e-6);
        }
    }

    [Theory]
    [InlineData(12, 20)]
    [InlineData(20, 12)]
    public void An_orthonormal_projection_of_full_rank_loses_nothing(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var (orthonormal, _) = linalg.qr(randn(12, 12));
        using var matrix = Matrix(rows, columns, Options with { Apollo = new() { Rank = 12 } }, _ => orthonormal);
        var mean = zeros(12, 20);
        for (var step = 0; step < 3; step++)
        {
            var gradient = randn(12, 20);
            mean = (mean * 0.9) + (gradient * 0.1);
            matrix.Weight.grad = rows == 12 ? gradient : gradient.t().contiguous();
            matrix.Apollo.Step(0);
        }

        Assert.Equal(0, orthonormal.matmul(matrix.Apollo.Memory.Tensors[0].Tensor).DistanceTo(mean), 1e-5);
    }

    // Squares are taken entry by entry, so of all rotations only those that turn axes into axes leave them as they are.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_axes_stay_axes_a_channel_has_the_factor_of_its_own_adam(bool isTurned)
    {
        using var scope = NewDisposeScope();
        var projection = isTurned ? eye(6).roll(2, 0L) * -1 : eye(6);
        using var channel = Matrix(6, 10, Options with { Apollo = new() { Rank = 6, NormWarmUp = 1000 } }, _ => projection);
        var expected = channel.Weight.detach().clone();
        var (mean, square) = (zeros(6, 10), zeros(6, 10));
        for (var step = 1; step <= 4; step++)
        {
            var gradient = randn(6, 10);
            mean = (mean * 0.9) + (gradient * 0.1);
            square = (square * 0.999) + (gradient * gradient * 0.001);
            var adam = mean / (square.sqrt() + 1e-6);
            var factor = (adam * adam).sum(0L).sqrt() / (gradient * gradient).sum(0L).sqrt();
            expected = expected - (gradient * factor * (0.01 * Math.Sqrt(1 - Math.Pow(0.999, step)) / (1 - Math.Pow(0.9, step))));
            channel.Weight.grad = gradient;
            channel.Apollo.Step(0.01);
        }

        Assert.Equal(0, channel.Weight.DistanceTo(expected), 1e-5);
    }

    [Theory]
    [InlineData(false, 6)]
    [InlineData(true, 1)]
    public void It_remembers_as_much_as_the_paper_says(bool isMini, int rank)
    {
        using var scope = NewDisposeScope();
        using var matrix = Matrix(24, 40, Options with { Apollo = isMini ? ApolloOptions.Mini : new() });

        Assert.Equal((2 * rank * 40) + 2, matrix.Apollo.Memory.Tensors.Sum(part => part.Tensor.numel()));
    }

    [Fact]
    public void A_matrix_that_is_turned_learns_the_same()
    {
        using var scope = NewDisposeScope();
        using var wide = Matrix(8, 12, Options);
        using var tall = Matrix(12, 8, Options);
        using (no_grad())
        {
            tall.Weight.copy_(wide.Weight.t());
        }

        for (var step = 0; step < 5; step++)
        {
            var gradient = randn(8, 12);
            wide.Weight.grad = gradient;
            tall.Weight.grad = gradient.t().contiguous();
            wide.Apollo.Step(1e-2);
            tall.Apollo.Step(1e-2);
        }

        Assert.Equal(0, wide.Weight.DistanceTo(tall.Weight.t()), 1e-6);
    }

    [Fact]
    public void Updates_grow_by_no_more_than_the_limit_once_it_is_warm_and_freely_before_and_after_it_is_forgotten()
    {
        using var scope = NewDisposeScope();
        using var matrix = Matrix(8, 12, Options with { Apollo = new() { NormWarmUp = 3, Rank = 8 } }, _ => eye(8));

        // Of a gradient that stays the same, moments from nothing make updates that grow.
        double Free(int step) => Math.Sqrt(96) * (1 - Math.Pow(0.9, step)) / Math.Sqrt(1 - Math.Pow(0.999, step));
        var limit = (Free(1) + Free(2) + Free(3)) / 3;
        Assert.All(Enumerable.Range(1, 3), step => Assert.Equal(Free(step), Moved(matrix, step), 1e-2));
        Assert.Equal(limit * 1.01, Moved(matrix, 4), 1e-2);
        Assert.Equal(limit * 1.01 * 1.01, Moved(matrix, 5), 1e-2);
        matrix.Apollo.ForgetNorms();
        Assert.Equal(Free(6), Moved(matrix, 6), 1e-2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Steps_without_a_gradient_leave_the_limit_as_it_is(int warmUp)
    {
        using var scope = NewDisposeScope();
        using var matrix = Matrix(8, 12, Options with { Apollo = new() { NormWarmUp = warmUp, Rank = 8 } }, _ => eye(8));
        Still(4);
        Assert.True(Moved(matrix, 5) > 0.1);
        Assert.True(Moved(matrix, 6) > 0.1);
        Assert.True(Moved(matrix, 7) > 0.1);
        var limit = matrix.Apollo.Memory.Tensors[2].Tensor.clone();

        Still(2);

        Assert.Equal(0, matrix.Apollo.Memory.Tensors[2].Tensor.DistanceTo(limit));
        Assert.True(Moved(matrix, 10) > 0.1);

        void Still(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                matrix.Weight.grad = zeros(8, 12);
                matrix.Apollo.Step(1);
            }
        }
    }

    [Fact]
    public void Projections_follow_from_the_seed_and_change_when_they_are_due()
    {
        using var scope = NewDisposeScope();
        var options = Options with { Apollo = new() { RenewEvery = 2, NormWarmUp = 1 } };
        var (same, other, slow) = (Run(options), Run(options with { Seed = 2 }), Run(options with { Apollo = options.Apollo! with { RenewEvery = 100 } }));

        Assert.Equal(0, same.DistanceTo(Run(options)));
        Assert.NotEqual(0, same.DistanceTo(other));
        Assert.NotEqual(0, same.DistanceTo(slow));

        static Tensor Run(TrainingOptions options)
        {
            manual_seed(5);
            using var matrix = Matrix(8, 12, options);
            for (var step = 0; step < 4; step++)
            {
                matrix.Weight.grad = randn(8, 12);
                matrix.Apollo.Step(1e-2);
            }

            return matrix.Weight.detach().clone();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(bool isMini)
    {
        using var folder = new TemporaryFolder();
        var options = new TrainingOptions
        {
            MaxSteps = 12,
            Rows = 2,
            Context = 24,
            EvaluateEvery = 4,
            Seeding = new() { Rate = 1e-2, WarmUpSteps = 2, MaxSteps = 4 },
            WeightDecay = 0.1,
            Apollo = (isMini ? ApolloOptions.Mini : new()) with { RenewEvery = 5, NormWarmUp = 3 },
        };
        var straight = Trained(options, null, null);

        Trained(options, folder["run"], stopAt: 7);
        var resumed = Trained(options, folder["run"], null);

        Assert.All(straight.Zip(resumed), pair => Assert.Equal(0, pair.First.DistanceTo(pair.Second)));
        Assert.Throws<CheckpointMismatchException>(() => Trained(options with { Apollo = null }, folder["run"], null));
    }

    [Fact]
    public void A_model_learns_by_it()
    {
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, device: TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        var options = TrainingOptions.Pretraining with { MaxSteps = 60, Rows = 4, Context = 24, EvaluateEvery = 20, Seeding = new() { Rate = 1e-2, WarmUpSteps = 5, MaxSteps = 5, PlateauPatience = null }, Consolidation = new() { Rate = 1e-2, FinalRate = 1e-3 }, Apollo = new() };
        using var run = TrainingRun.OfModel(model, TrainingData.OfStream(TinyData.Stream(500), TinyData.Stream(60, seed: 2)), options);

        var report = run.Run(TestContext.Current.CancellationToken);

        Assert.True(report.FinalLoss < report.BaselineLoss - 0.3, $"{report.BaselineLoss} -> {report.FinalLoss}");
    }

    // How far a step at a rate of one moves the weights, the correction of young moments left out.
    private static double Moved(Kept matrix, int step)
    {
        var before = matrix.Weight.detach().clone();
        matrix.Weight.grad = ones(8, 12);
        matrix.Apollo.Step(1);
        var correction = Math.Sqrt(1 - Math.Pow(0.999, step)) / (1 - Math.Pow(0.9, step));
        return Math.Sqrt((matrix.Weight.detach() - before).pow(2).sum().item<float>()) / correction;
    }

    private static Tensor[] Trained(TrainingOptions options, string? folder, int? stopAt)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, device: TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        using var run = TrainingRun.OfModel(
            model, TrainingData.OfStream(TinyData.Stream(500), TinyData.Stream(60, seed: 2)), options, new RunSettings { CheckpointFolder = folder, LogEvery = 1, Progress = [stopper] });
        run.Run(stop.Token);
        return [.. model.parameters().Select(parameter => parameter.detach().clone())];
    }

    private static Kept Matrix(int rows, int columns, TrainingOptions options, Func<long, Tensor>? projections = null)
    {
        var weight = new Parameter(randn(rows, columns));
        return new Kept(weight, new ApolloMatrix("w", weight, options, 0) { Projections = projections });
    }

    private sealed record Kept(Parameter Weight, ApolloMatrix Apollo) : IDisposable
    {
        public void Dispose() => Apollo.Dispose();
    }
}
