namespace DyLoraMoe.Trainer.Tests.CommandLine;

public class BadOptionTests
{
    [Theory]
    [InlineData("found nothing")]
    [InlineData("found 'sing'", "sing")]
    [InlineData("'--modle'", "logits", "--modle", "x")]
    [InlineData("--input", "logits", "--model", "x", "--output", "y")]
    [InlineData("found 'many'", "logits", "--model", "x", "--input", "y", "--output", "z", "--threads", "many")]
    [InlineData("found '0'", "logits", "--model", "x", "--input", "y", "--output", "z", "--threads", "0")]
    [InlineData("found 'float8'", "logits", "--model", "x", "--input", "y", "--output", "z", "--dtype", "float8")]
    [InlineData("one of float32, bfloat16, found 'float16'", "train", "--model", "x", "--data", "y", "--out", "z", "--dtype", "float16")]
    [InlineData("one of float32, bfloat16, found 'float16'", "learn", "--workspace", "x", "--skill", "y", "--data", "z", "--dtype", "float16")]
    [InlineData("--dtype float16 is for GPUs", "generate", "--model", "x", "--prompt", "y", "--device", "cpu", "--dtype", "float16")]
    [InlineData("--dtype float16 is for GPUs", "evaluate", "--model", "x", "--data", "y", "--device", "cpu", "--dtype", "float16")]
    [InlineData("found 'tpu'", "logits", "--model", "x", "--input", "y", "--output", "z", "--device", "tpu")]
    [InlineData("DIR", "inspect")]
    [InlineData("--top-p", "generate", "--model", "x", "--top-p", "1.5")]
    [InlineData("--temperature", "generate", "--model", "x", "--temperature", "hot")]
    [InlineData("--mode", "train", "--model", "x", "--data", "y", "--out", "z", "--mode", "partial")]
    [InlineData("--rank", "train", "--model", "x", "--data", "y", "--out", "z", "--rank", "0")]
    [InlineData("--held-out", "train", "--model", "x", "--data", "y", "--out", "z", "--held-out", "60")]
    [InlineData("found '50,30,30'", "train", "--model", "x", "--data", "y", "--out", "z", "--replay", "r", "--mix", "50,30,30")]
    [InlineData("'--mix' is required", "train", "--model", "x", "--data", "y", "--out", "z", "--dreams", "r")]
    [InlineData("have nothing to mix in", "train", "--model", "x", "--data", "y", "--out", "z", "--mix", "70,30,0")]
    [InlineData("--replay-samples", "learn", "--workspace", "x", "--skill", "y", "--data", "z", "--replay-samples", "0")]
    [InlineData("found 'sgd'", "pretrain", "--out", "x", "--optimizer", "sgd")]
    [InlineData("no context to detach", "train", "--model", "x", "--data", "y", "--out", "z", "--loss", "everything", "--gradient", "detached")]
    [InlineData("--data", "evaluate", "--model", "x")]
    [InlineData("--stream", "bench", "continual", "--out", "x", "--stream", "imaginary")]
    [InlineData("--arms", "bench", "continual", "--out", "x", "--arms", "oracle,tree")]
    [InlineData("--from is for continual; leave it out", "bench", "predictions", "--out", "x", "--from", "y")]
    [InlineData("--seed is for continual; leave it out", "bench", "predictions", "--out", "x", "--seed", "2")]
    [InlineData("--experiments is for predictions; leave it out", "bench", "continual", "--out", "x", "--experiments", "y")]
    [InlineData("--hidden", "grow", "--model", "x", "--hidden", "wide")]
    [InlineData("--insert-layers", "grow", "--model", "x", "--insert-layers", "1,b")]
    [InlineData("--id", "memory", "delete", "--store", "x")]
    [InlineData("--rank is for a new expert", "memory", "consolidate", "--store", "x", "--model", "y", "--out", "z", "--adapter", "a", "--rank", "4")]
    [InlineData("--adapt-head is for a new expert", "memory", "consolidate", "--store", "x", "--model", "y", "--out", "z", "--adapter", "a", "--adapt-head")]
    [InlineData("--least-score chooses among episodes", "memory", "consolidate", "--store", "x", "--model", "y", "--out", "z", "--all", "--least-score", "2")]
    [InlineData("dylora memory list: ", "memory", "list", "--store", "x", "--user", "u", "--shared")]
    [InlineData("'--mode'", "merge", "--workspace", "x", "--into", "a", "--expert", "b", "--mode", "full")]
    [InlineData("'--context'", "merge", "--workspace", "x", "--into", "a", "--expert", "b", "--context", "64")]
    [InlineData("'--seeding-rate'", "tune", "--workspace", "x", "--data", "y", "--out", "z", "--seeding-rate", "0.1")]
    [InlineData("--ranks expects whole numbers from 1 to 4096 with commas between them, found '4.5,8'", "tune", "--workspace", "x", "--data", "y", "--out", "z", "--ranks", "4.5,8")]
    [InlineData("found '0,12.5'", "tune", "--workspace", "x", "--data", "y", "--out", "z", "--replays", "0,12.5")]
    [InlineData("belongs to --language-loss", "fit-router", "--workspace", "x", "--language-rate", "0.1")]
    [InlineData("'--rank'", "fit-router", "--workspace", "x", "--rank", "4")]
    [InlineData("dylora pretrain: /nowhere/config.json cannot be read", "pretrain", "--out", "x", "--config", "/nowhere/config.json")]
    [InlineData("dylora prune: /nowhere/usage.json cannot be read", "prune", "--workspace", "x", "--usage", "/nowhere/usage.json")]
    public async Task A_bad_command_line_exits_2_with_one_line_that_names_the_mistake(string expected, params string[] args)
    {
        var outcome = await Dylora.RunAsync(args);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("--help", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }
}
