using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Generation;

public sealed class GenerationConfigFileTests
{
    [Theory]
    [InlineData("{}", 128, 0, 0, 1, 1)]
    [InlineData("""{"temperature": 0.6, "top_k": 5, "top_p": 0.9, "repetition_penalty": 1.1, "max_new_tokens": 7}""", 7, 0, 0, 1, 1.1)]
    [InlineData("""{"do_sample": false, "temperature": 0, "top_p": 7}""", 128, 0, 0, 1, 1)]
    [InlineData("""{"do_sample": true}""", 128, 1, 50, 1, 1)]
    [InlineData("""{"do_sample": true, "temperature": null, "top_k": null}""", 128, 1, 50, 1, 1)]
    [InlineData("""{"do_sample": true, "temperature": 0.6, "top_k": 0, "top_p": 0.9}""", 128, 0.6, 0, 0.9, 1)]
    public void The_likeliest_token_is_taken_unless_the_file_samples(string json, int maxTokens, double temperature, int topK, double topP, double penalty)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["generation_config.json"], json);

        var read = GenerationConfigFile.Read(folder.FullPath);

        Assert.Equal((maxTokens, temperature, topK, topP, penalty), (read.MaxTokens, read.Temperature, read.TopK, read.TopP, read.RepetitionPenalty));
        read.Validate();
    }

    [Fact]
    public void Without_a_file_nothing_is_said()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(new GenerationOptions(), GenerationConfigFile.Read(folder.FullPath));
    }

    [Theory]
    [InlineData("""{"do_sample": "yes"}""", "'do_sample' has the wrong type: expected true or false, found \"yes\"")]
    [InlineData("""{"do_sample": true, "temperature": 0}""", "'temperature' is 0, expected a number above 0")]
    [InlineData("""{"do_sample": true, "temperature": "hot"}""", "'temperature' has the wrong type")]
    [InlineData("""{"do_sample": true, "top_p": 1.5}""", "'top_p' is 1.5, expected a number above 0 and at most 1")]
    [InlineData("""{"do_sample": true, "top_k": -1}""", "'top_k' is -1, expected a whole number")]
    [InlineData("""{"repetition_penalty": -1}""", "'repetition_penalty' is -1")]
    [InlineData("""{"max_new_tokens": 0}""", "'max_new_tokens' is 0")]
    [InlineData("[]", "expected a JSON object")]
    public void A_value_that_cannot_be_right_is_refused_by_file_and_field(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["generation_config.json"], json);

        var error = Assert.Throws<ModelFormatException>(() => GenerationConfigFile.Read(folder.FullPath));

        Assert.Contains("generation_config.json: " + expected, error.Message, StringComparison.Ordinal);
    }
}
