using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

/// <summary>Checkpoints that transformers saved and adapters that PEFT saved, and what these two compute with them: see <c>Fixtures/make_fixtures.py</c>.</summary>
public sealed class ParityTests
{
    private static readonly string _fixtures = Path.Combine(SharedFiles.RepositoryRoot, "tests", "DyLoraMoe.Core.Tests", "Fixtures");

    public static TheoryData<string> Models => [.. Directory.EnumerateDirectories(_fixtures).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public static TheoryData<string, string> Adapters
    {
        get
        {
            var adapters = new TheoryData<string, string>();
            foreach (var folder in Directory.EnumerateDirectories(_fixtures).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
            {
                adapters.Add(Path.GetFileName(Path.GetDirectoryName(folder))!, Path.GetFileName(folder));
            }

            return adapters;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_are_those_of_transformers(string fixture)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Load(fixture);
        using var expected = Expected(fixture);

        var logits = model.call(expected.Read("input_ids", ScalarType.Int64, TestDevice.Current));

        TensorAssert.Close(expected.Read("logits"), logits, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Logits_with_an_adapter_are_those_of_PEFT(string fixture, string adapter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Load(fixture);
        using var expert = PeftFolder.Load(Path.Combine(_fixtures, fixture, adapter), model);
        using var expected = Expected(fixture);
        var ids = expected.Read("input_ids", ScalarType.Int64, TestDevice.Current);
        var starts = Rows(ids).Select(row => InvocationPoint.Of(expert.Config, row, row.Length)).ToArray();
        var active = expert.Config.Mode == AdapterMode.Full ? null : InvocationPoint.Mask(starts, ids.shape[1], TestDevice.Current);

        var logits = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(expert, active) });

        TensorAssert.Close(expected.Read($"logits:{adapter}"), logits, 1e-4);
        Assert.True(TensorAssert.LargestDifference(expected.Read("logits"), logits) > 0.1);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Padded_prompts_continue_as_with_transformers(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var lengths = expected.Read("padded_mask", ScalarType.Int64).sum(1).data<long>().ToArray();
        var prompts = Rows(expected.Read("padded_ids", ScalarType.Int64)).Select((row, index) => row[^(int)lengths[index]..]).ToArray();

        var results = new TokenGenerator(model).Generate(prompts, new GenerationOptions { MaxTokens = 12 }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Rows(expected.Read("generated", ScalarType.Int64)), results.Select(result => result.Ids.ToArray()));
    }

    private static CausalLanguageModel Load(string fixture) => ModelFolder.Load(Path.Combine(_fixtures, fixture), ScalarType.Float32, TestDevice.Current);

    private static SafetensorsFile Expected(string fixture) => SafetensorsFile.Open(Path.Combine(_fixtures, fixture, "expected.safetensors"));

    private static int[][] Rows(Tensor ids)
    {
        var flat = ids.cpu().data<long>().ToArray();
        return [.. flat.Chunk((int)ids.shape[1]).Select(row => row.Select(id => (int)id).ToArray())];
    }
}
