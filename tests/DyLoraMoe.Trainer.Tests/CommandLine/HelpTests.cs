namespace DyLoraMoe.Trainer.Tests.CommandLine;

public class HelpTests
{
    [Fact]
    public async Task The_help_names_every_verb()
    {
        var outcome = (await Dylora.RunAsync("--help")).Succeeded();
        Assert.All(Verbs.Select(verb => verb.Data), verb => Assert.Contains($"\n  {verb} ", outcome.Output, StringComparison.Ordinal));
        Assert.Empty(outcome.Errors);
    }

    public static TheoryData<string> Verbs { get; } = ["inspect", "logits", "generate", "pretrain", "grow", "shrink", "distil", "train", "evaluate", "bench", "memory", "dreams"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_has_help_with_an_example(string verb)
    {
        var outcome = (await Dylora.RunAsync(verb, "--help")).Succeeded();
        Assert.Contains($"\n  dylora {verb} ", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Errors);
    }
}
