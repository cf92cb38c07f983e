using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

/// <summary>A backbone that the program itself made in a few seconds; shared by the tests that need one.</summary>
public sealed class TinyBackbone : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Options that make a very small model from a very small corpus.</summary>
    internal static string[] Recipe(int steps) =>
    [
        "--layers", "1", "--hidden", "32", "--feed-forward", "64", "--heads", "2", "--context", "64", "--vocabulary", "320",
        "--characters", "60000", "--rows", "4", "--steps", $"{steps}", "--evaluate-every", "30", "--rate", "0.01", "--threads", "1",
    ];

    /// <summary>The backbone's folder.</summary>
    public string Model => _folder["model"];

    /// <summary>Samples that are easy to learn.</summary>
    public string Data => _folder["data.jsonl"];

    /// <summary>One text of some thousand lines, as most people have them.</summary>
    public string Text => _folder["notes.txt"];

    /// <summary>What pretraining printed.</summary>
    internal Outcome Pretraining { get; private set; } = new(0, "", "");

    public async ValueTask InitializeAsync()
    {
        Pretraining = await Dylora.RunAsync(["pretrain", "--out", Model, "--json", .. Recipe(60)]);
        File.WriteAllLines(Data, Enumerable.Range(0, 200).Select(number =>
            $$"""{"question": "Double {{number}}:", "answer": " {{2 * number}}"}"""));
        File.WriteAllLines(Text, Enumerable.Range(0, 2000).Select(number => $"Twice {number} is {2 * number}, and once more is {3 * number}."));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
