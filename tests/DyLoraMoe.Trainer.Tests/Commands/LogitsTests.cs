using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class LogitsTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("gemma")]
    public async Task Logits_are_those_of_other_implementations(string fixture)
    {
        using var folder = new TemporaryFolder();
        var model = SharedFiles.Shared($"fixtures/{fixture}");
        var expected = Path.Combine(model, "expected.safetensors");
        (await Dylora.RunAsync("logits", "--model", model, "--input", expected, "--output", folder["out.safetensors"])).Succeeded();
        Assert.True(Difference(expected, "logits", folder["out.safetensors"]) <= Tolerance);
    }

    [Fact]
    public async Task Logits_with_an_adapter_are_those_of_other_implementations()
    {
        using var folder = new TemporaryFolder();
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        var expected = Path.Combine(model, "expected.safetensors");
        (await Dylora.RunAsync(
            "logits", "--model", model, "--adapter", Path.Combine(model, "adapter"), "--input", expected, "--output", folder["out.safetensors"])).Succeeded();
        Assert.True(Difference(expected, "logits_with_adapter", folder["out.safetensors"]) <= Tolerance);
    }

    [Theory]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    public async Task Ids_may_be_whole_numbers_of_any_width(ScalarType type)
    {
        using var folder = new TemporaryFolder();
        var model = SharedFiles.Shared("fixtures/llama3");
        var expected = Path.Combine(model, "expected.safetensors");
        using (var ids = Read(expected, "input_ids").to_type(type))
        {
            SafetensorsWriter.Write(folder["in.safetensors"], [KeyValuePair.Create("input_ids", ids)]);
        }

        (await Dylora.RunAsync("logits", "--model", model, "--input", folder["in.safetensors"], "--output", folder["out.safetensors"])).Succeeded();
        Assert.True(Difference(expected, "logits", folder["out.safetensors"]) <= Tolerance);
    }

    [Fact]
    public async Task An_activated_adapter_changes_nothing_before_its_invocation_tokens_nor_in_rows_without_them()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        var adapter = Activated(folder, invocation: "[7, 9]");
        long[] rows = [1, 7, 9, 4, 7, 9, 5, 3, /**/ 1, 7, 2, 4, 9, 7, 5, 3];
        SafetensorsWriter.Write(folder["in.safetensors"], [KeyValuePair.Create("input_ids", tensor(rows).view(2, 8))]);
        var bare = await LogitsAsync(folder, model);
        var adapted = await LogitsAsync(folder, model, "--adapter", adapter);
        var difference = (bare - adapted).abs().amax([-1]).data<float>().ToArray();
        Assert.All(difference[..4], change => Assert.Equal(0, change));
        Assert.All(difference[4..8], change => Assert.NotEqual(0, change));
        Assert.All(difference[8..], change => Assert.Equal(0, change));
    }

    [Fact]
    public async Task An_activated_adapter_without_invocation_tokens_acts_from_the_position_that_is_given()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        var adapter = Activated(folder, invocation: "[]");
        SafetensorsWriter.Write(folder["in.safetensors"], [KeyValuePair.Create("input_ids", tensor(new long[] { 1, 7, 9, 4 }).view(1, 4))]);
        var outcome = await Dylora.RunAsync(
            "logits", "--model", model, "--adapter", adapter, "--input", folder["in.safetensors"], "--output", folder["out.safetensors"]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--active-from", outcome.ErrorLine, StringComparison.Ordinal);

        var bare = await LogitsAsync(folder, model);
        var adapted = await LogitsAsync(folder, model, "--adapter", adapter, "--active-from", "2");
        var difference = (bare - adapted).abs().amax([-1]).data<float>().ToArray();
        Assert.All(difference[..2], change => Assert.Equal(0, change));
        Assert.All(difference[2..], change => Assert.NotEqual(0, change));
    }

    [Fact]
    public async Task In_bfloat16_logits_stay_close()
    {
        using var folder = new TemporaryFolder();
        var model = SharedFiles.Shared("fixtures/qwen2");
        var expected = Path.Combine(model, "expected.safetensors");
        (await Dylora.RunAsync(
            "logits", "--model", model, "--dtype", "bfloat16", "--input", expected, "--output", folder["out.safetensors"])).Succeeded();
        Assert.InRange(Difference(expected, "logits", folder["out.safetensors"]), 1e-6, 1);
    }

    [Fact]
    public async Task Ids_outside_the_vocabulary_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(folder["in.safetensors"], [KeyValuePair.Create("input_ids", tensor(new long[] { 1, 1_000_000 }).view(1, 2))]);
        var outcome = await Dylora.RunAsync(
            "logits", "--model", SharedFiles.Shared("fixtures/llama3"), "--input", folder["in.safetensors"], "--output", folder["out.safetensors"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("1000000", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.safetensors"]));
    }

    private static string Activated(TemporaryFolder folder, string invocation)
    {
        var adapter = folder.CopyOf(SharedFiles.Shared("fixtures/llama-gqa/adapter"), "adapter");
        var config = Path.Combine(adapter, "adapter_config.json");
        var text = File.ReadAllText(config);
        File.WriteAllText(config, $"{{ \"alora_invocation_tokens\": {invocation}, {text[(text.IndexOf('{', StringComparison.Ordinal) + 1)..]}");
        return adapter;
    }

    private static async Task<Tensor> LogitsAsync(TemporaryFolder folder, string model, params string[] more)
    {
        (await Dylora.RunAsync(["logits", "--model", model, "--input", folder["in.safetensors"], "--output", folder["out.safetensors"], .. more])).Succeeded();
        return Read(folder["out.safetensors"], "logits");
    }

    private static Tensor Read(string path, string name)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Read(name);
    }

    private static double Difference(string expectedPath, string expectedName, string foundPath)
    {
        using var scope = NewDisposeScope();
        var expected = Read(expectedPath, expectedName);
        var found = Read(foundPath, "logits");
        Assert.Equal(expected.shape, found.shape);
        Assert.Equal(ScalarType.Float32, found.dtype);
        return (expected - found).abs().max().item<float>();
    }
}
