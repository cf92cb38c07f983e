using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

public class ActivatedTrainingTests
{
    [Fact]
    public void Training_an_activated_expert_leaves_the_prompts_keys_and_values_unchanged()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated }, seed: 1);
        var samples = TinyData.Shifted(32);
        using var run = TrainingRun.OfExpert(model, adapter, TrainingData.OfSamples(samples, []), new TrainingOptions
        {
            MaxSteps = 10,
            Rows = 4,
            Context = 32,
            Seeding = new SeedingOptions { Rate = 2e-2, WarmUpSteps = 0, MaxSteps = 5 },
            KeepBest = false,
        });
        run.Run();
        var (ids, start) = (samples[0].Ids, samples[0].AnswerStart - 1);

        var bare = new Recorder(null);
        var trained = new Recorder(new AdapterDelta(adapter, InvocationPoint.Mask([start], ids.Length, TestDevice.Current)));
        using var input = tensor(ids, [1, ids.Length], dtype: ScalarType.Int64, device: TestDevice.Current);
        using var _ = no_grad();
        model.Logits(input, new ForwardOptions { Delta = bare });
        model.Logits(input, new ForwardOptions { Delta = trained });

        Assert.NotEmpty(bare.KeysAndValues);
        foreach (var (path, expected) in bare.KeysAndValues)
        {
            var actual = trained.KeysAndValues[path];
            Assert.True(expected[..start].HasBitsOf(actual[..start]), $"{path} changed for the prompt");
            Assert.False(expected[start..].HasBitsOf(actual[start..]), $"{path} did not learn for the answer");
        }
    }

    [Fact]
    public void The_point_is_the_last_prompt_token_whatever_the_data_say()
    {
        var sample = new TokenizedSample([1, 9, 10, 4, 12, 2], AnswerStart: 4, LossStart: 4, InvocationStart: 0);

        Assert.Equal(3, Assert.Single(new Invocation(new LoraConfig { Mode = AdapterMode.Activated }).Of([sample])).InvocationStart);
    }

    [Fact]
    public void Invocation_tokens_set_the_point_and_their_absence_keeps_the_adapter_silent()
    {
        var invocation = new Invocation(new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [10, 4] });
        var with = new TokenizedSample([1, 9, 10, 4, 12, 2], 4, 4, 0);
        var without = new TokenizedSample([1, 9, 9, 4, 12, 2], 4, 4, 0);

        var starts = invocation.Of([with, without]).Select(sample => sample.InvocationStart);

        Assert.Equal([2, 6], starts);
    }

    [Fact]
    public void An_expert_that_no_sample_invokes_is_not_trained()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [62, 61, 62] }, seed: 1);

        var error = Assert.Throws<InvalidDataException>(() => TrainingRun.OfExpert(model, adapter, TrainingData.OfSamples(TinyData.Shifted(8), []), new TrainingOptions { Context = 32 }));

        Assert.Contains("[62, 61, 62] are in none of the 8 prompts", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 50, true)]
    [InlineData(true, 0, false)]
    [InlineData(false, 50, false)]
    public void New_samples_that_do_not_invoke_an_expert_are_learnt_with_replay_that_does(bool isInReplay, int percent, bool isTrained)
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [62, 61] }, seed: 1);
        var silent = TinyData.Shifted(8);
        TokenizedSample[] known = [.. silent.Select(sample => isInReplay ? new TokenizedSample([62, 61, .. sample.Ids], sample.AnswerStart + 2, sample.LossStart + 2, 0) : sample)];

        var error = Record.Exception(() => TrainingRun.OfExpert(model, adapter, TrainingData.OfReplay(silent, [known], percent, []), new TrainingOptions { Context = 32 }).Dispose());

        Assert.Equal(isTrained, error is null);
        Assert.True(error is null or InvalidDataException, $"{error}");
    }

    private sealed class Recorder(IProjectionDelta? inner) : IProjectionDelta
    {
        public Dictionary<string, Tensor> KeysAndValues { get; } = [];

        public Tensor AddTo(string path, Tensor input, Tensor output)
        {
            var result = inner?.AddTo(path, input, output) ?? output;
            if (path.EndsWith("k_proj", StringComparison.Ordinal) || path.EndsWith("v_proj", StringComparison.Ordinal))
            {
                KeysAndValues[path] = result.clone().DetachFromDisposeScope();
            }

            return result;
        }
    }
}
