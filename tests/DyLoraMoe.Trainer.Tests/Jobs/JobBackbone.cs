using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Tests.Commands;
using DyLoraMoe.Trainer.Tests.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

/// <summary>A very small backbone, data of two skills, and a store in which the first has its expert.</summary>
public sealed class JobBackbone : IAsyncLifetime
{
    private readonly TinyBackbone _backbone = new();
    private readonly TemporaryFolder _folder = new();

    /// <summary>The backbone's folder.</summary>
    public string Model => _backbone.Model;

    /// <summary>Digest of the first skill's data.</summary>
    public string Dataset { get; private set; } = "";

    /// <summary>What training its expert came to.</summary>
    internal TrainResult Trained { get; private set; } = new() { Expert = "", Mode = "" };

    /// <summary>A data file by name: <c>echo</c>, <c>echo-again</c>, <c>next</c>.</summary>
    public string Data(string name) => _folder[name + ".jsonl"];

    /// <summary>A store of a test's own, in which <c>echo</c> has an expert that is not served yet.</summary>
    internal JobHarness Taught(string store)
    {
        LearntWorkspace.Copy(_folder["store"], store);
        var harness = new JobHarness(Model, store);
        harness.Prepare();
        harness.Skills.Add(new SkillInput("echo", Dataset, 20, "echo"));
        return harness;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await _backbone.InitializeAsync();

        // As the program is told to, so that both come to the same numbers.
        TorchSharp.torch.set_num_threads(1);
        Write("echo", 1, letter => ($"Echo: {letter} ->", $" {letter} again and again."));
        Write("echo-again", 2, letter => ($"Echo: {letter} ->", $" {letter} again and again."));
        Write("next", 3, letter => ($"What follows upon {letter}? It is", $" {(char)(letter[0] == 'z' ? 'a' : letter[0] + 1)}, of course, my friend."));
        var harness = new JobHarness(Model, _folder["store"]);
        harness.Prepare();
        Dataset = harness.Assess("echo", Data("echo")).Dataset;
        Trained = harness.Run(harness.Train("echo", null, new SkillInput("echo", Dataset, 20, "echo"))).Train!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await _backbone.DisposeAsync();
    }

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
