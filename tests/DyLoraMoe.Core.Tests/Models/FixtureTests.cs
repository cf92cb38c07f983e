using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class FixtureTests
{
    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("gemma")]
    public void Logits_agree_with_those_of_other_code(string fixture)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = ModelFolder.Load(SharedFiles.Shared($"fixtures/{fixture}"), device: TestDevice.Current);
        using var expected = SafetensorsFile.Open(SharedFiles.Shared($"fixtures/{fixture}/expected.safetensors"));

        var logits = model.call(expected.Read("input_ids", ScalarType.Int64, TestDevice.Current));

        TensorAssert.Close(expected.Read("logits"), logits, 1e-4);
    }

    [Fact]
    public void Logits_with_an_adapter_agree_with_those_of_other_code()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = ModelFolder.Load(SharedFiles.Shared("fixtures/llama-gqa"), device: TestDevice.Current);
        using var adapter = PeftFolder.Load(SharedFiles.Shared("fixtures/llama-gqa/adapter"), model);
        using var expected = SafetensorsFile.Open(SharedFiles.Shared("fixtures/llama-gqa/expected.safetensors"));
        var ids = expected.Read("input_ids", ScalarType.Int64, TestDevice.Current);

        var logits = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) });

        TensorAssert.Close(expected.Read("logits_with_adapter"), logits, 1e-4);
    }
}
