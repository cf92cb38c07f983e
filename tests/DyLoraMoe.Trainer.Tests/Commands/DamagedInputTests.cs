using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class DamagedInputTests
{
    public static TheoryData<string, Action<string>> Damages { get; } = new()
    {
        { "model.safetensors", folder => SafetensorsHeader.Truncate(Path.Combine(folder, "model.safetensors"), 100) },
        { "model.safetensors", folder => SafetensorsHeader.ClaimHeaderOf(Path.Combine(folder, "model.safetensors"), 10_000_000_000) },
        { "model.safetensors", folder => File.WriteAllText(Path.Combine(folder, "model.safetensors"), "") },
        { "model.safetensors", folder => File.Delete(Path.Combine(folder, "model.safetensors")) },
        { "config.json", folder => File.Delete(Path.Combine(folder, "config.json")) },
        { "config.json", folder => File.WriteAllText(Path.Combine(folder, "config.json"), "{ \"model_type\": ") },
        { "mamba", folder => Replace(folder, "\"llama\"", "\"mamba\"") },
        { "num_hidden_layers", folder => Replace(folder, "\"num_hidden_layers\": ", "\"num_hidden_layers\": -") },
        { "weight", folder => Replace(folder, "\"num_hidden_layers\": ", "\"num_hidden_layers\": 1") },
        { "max_position_embeddings", folder => Replace(folder, "\"max_position_embeddings\": ", "\"max_position_embeddings\": -") },
        { "config.json: 'eos_token_id'", folder => Replace(folder, "\"eos_token_id\": ", "\"eos_token_id\": [null], \"was\": ") },
        { "model.safetensors.index.json: 'weight_map'", folder => Index(folder, """{ "weight_map": ["model.norm.weight"] }""") },
        { "model.safetensors.index.json: weight_map['model.norm.weight'] is null", folder => Index(folder, """{ "weight_map": { "model.norm.weight": null } }""") },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_model_exits_1_with_one_line_that_names_the_damage(string expected, Action<string> damage)
    {
        using var folder = new TemporaryFolder();
        var fixture = SharedFiles.Shared("fixtures/llama3");
        var model = folder.CopyOf(fixture, "model");
        damage(model);
        var outcome = await Dylora.RunAsync(
            "logits", "--model", model, "--input", Path.Combine(fixture, "expected.safetensors"), "--output", folder["out.safetensors"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.safetensors"]));
    }

    [Fact]
    public async Task A_damaged_adapter_exits_1_with_one_line_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        var adapter = folder.CopyOf(Path.Combine(model, "adapter"), "adapter");
        SafetensorsHeader.Truncate(Path.Combine(adapter, "adapter_model.safetensors"), 4);
        var outcome = await Dylora.RunAsync(
            "logits", "--model", model, "--adapter", adapter, "--input", Path.Combine(model, "expected.safetensors"), "--output", folder["out.safetensors"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("adapter_model.safetensors", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_input_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var outcome = await Dylora.RunAsync(
            "logits", "--model", SharedFiles.Shared("fixtures/llama3"), "--input", folder["none.safetensors"], "--output", folder["out.safetensors"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("none.safetensors", outcome.ErrorLine, StringComparison.Ordinal);
    }

    private static void Index(string folder, string json)
    {
        File.Delete(Path.Combine(folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), json);
    }

    private static void Replace(string folder, string old, string fresh)
    {
        var path = Path.Combine(folder, "config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, fresh, StringComparison.Ordinal));
    }
}
