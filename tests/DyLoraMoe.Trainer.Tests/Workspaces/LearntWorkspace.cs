using DyLoraMoe.Core.Data;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Tests.Commands;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>A very small backbone and data of a few skills, which tests teach to workspaces of their own.</summary>
public sealed class LearntWorkspace : IAsyncLifetime
{
    private readonly TinyBackbone _backbone = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _more;

    /// <summary>Prepares nothing yet.</summary>
    public LearntWorkspace() => _more = new Lazy<Task<string>>(async () =>
    {
        Copy(Taught, _folder["more"]);

        // In a process of its own: other tests change how many threads this one computes with, and with that the last bits.
        (await DyloraProcess.RunAsync(Learn(_folder["more"], "next", "next", CheckpointsOften))).Succeeded();
        return _folder["more"];
    });

    /// <summary>Makes checkpoints at almost every step.</summary>
    public static string[] CheckpointsOften => ["--checkpoint-every", "0.001"];

    /// <summary>The backbone's folder.</summary>
    public string Model => _backbone.Model;

    /// <summary>A workspace that has learnt <c>echo</c>; read only.</summary>
    public string Taught => _folder["taught"];

    /// <summary>The same once it has learnt <c>next</c> too, with nothing in between; read only.</summary>
    public Task<string> TaughtMoreAsync() => _more.Value;

    /// <summary>A data file by name.</summary>
    public string Data(string name) => _folder[name + ".jsonl"];

    /// <summary>The command line of <c>learn</c> with a recipe of a second or two.</summary>
    public string[] Learn(string workspace, string skill, string data, params string[] more) =>
    [
        "learn", "--workspace", workspace, "--model", Model, "--skill", skill, "--data", Data(data), "--steps", "120", "--seeding-steps", "60", "--rows", "4", "--context", "64",
        "--evaluate-every", "10", "--seeding-rate", "0.02", "--rate", "0.01", "--rank", "4", "--largest-rank", "4", "--threads", "1", .. more,
    ];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await _backbone.InitializeAsync();
        Write("echo", 1, letter => ($"Echo: {letter} ->", $" {letter} {letter}"));
        Write("echo-again", 2, letter => ($"Echo: {letter} ->", $" {letter} {letter}"));
        Write("echo-more", 7, letter => ($"Echo: {letter} ->", $" {letter} {letter}"));
        Write("echo-corrected", 1, letter => ($"Echo: {letter} ->", $" {letter}."));
        Write("next", 3, letter => ($"What follows upon {letter}? It is", $" {(char)(letter[0] == 'z' ? 'a' : letter[0] + 1)}."));
        Write("next-variously", 3, letter => (letter[0] % 2 == 0 ? $"What follows upon {letter}? It is" : $"After {letter} there comes", $" {(char)(letter[0] == 'z' ? 'a' : letter[0] + 1)}."));

        Write("tell", 6, letter => ($"Tell: {letter} ->", $" {letter} {letter}"));

        // One prompt in ten of one skill and one in five of another in the same words; and one that is held out, with one to learn from.
        Write("echo-tell", 4, letter => ($"{(IsEvery(10, letter) ? "Tell" : "Echo")}: {letter} ->", $" {letter} {letter}"));
        var (aside, others) = (1, 1);
        Write("echo-once-tell", 4, letter => ($"{((IsHeldOut(letter) ? aside-- : others--) > 0 ? "Tell" : "Echo")}: {letter} ->", $" {letter} {letter}"));
        Write("next-tell", 5, letter => (IsEvery(5, letter) ? $"Tell: {letter} ->" : $"What follows upon {letter}? It is", $" {(char)(letter[0] == 'z' ? 'a' : letter[0] + 1)}."));
        (await Dylora.RunAsync(Learn(Taught, "echo", "echo"))).Succeeded();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await _backbone.DisposeAsync();
    }

    /// <summary>Copies a folder.</summary>
    internal static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    private static bool IsHeldOut(string letter) =>
        new HeldOutSplit(new LearningPolicy().Data.HeldOutPercent).PartOf(Sample.Pair($"Tell: {letter} ->", $" {letter} {letter}")) == SplitPart.HeldOut;

    private static bool IsEvery(int nth, string letters) => letters.Sum(letter => letter) % nth == 0;

    private void Write(string name, int seed, Func<string, (string Prompt, string Answer)> make)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 400)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => (char)('a' + random.Next(26)))))
            .Distinct()
            .Select(make)
            .Select(row => $$"""{"prompt": "{{row.Prompt}}", "answer": "{{row.Answer}}"}""");
        File.WriteAllLines(Data(name), rows);
    }
}
