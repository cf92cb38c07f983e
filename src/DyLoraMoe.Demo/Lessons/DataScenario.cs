using System.Globalization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>
/// Public data sets, for which a backbone is pre-trained first: on plays, on questions of which no answer is shown, and on instructions that nobody
/// follows. What it has never seen is how such questions are answered.
/// </summary>
internal static class DataScenario
{
    /// <summary>Prompts that a skill is asked and never learns from.</summary>
    private const int Questions = 20;

    // Short ones are soon learnt and soon asked, and fit into the context with their prompt.
    private const int LongestSample = 480;

    private const int PretrainingSteps = 800;

    /// <summary>The whole demonstration, or the shortest that shows a skill and its paraphrase.</summary>
    /// <param name="data">The folder with the data sets.</param>
    /// <param name="folder">Where the backbone, its corpus and the manifests go.</param>
    /// <param name="isShort">Whether the shortest.</param>
    /// <exception cref="DemoException">A data set is missing, or is not what its name says.</exception>
    public static Scenario Of(string data, string folder, bool isShort)
    {
        var maths = Samples(data, "gsm8k.jsonl");
        var spoken = maths.ConvertAll(sample => Sample.Pair($"Solve this problem step by step.\nProblem: {sample.Prompt.TrimEnd()}\nSolution: ", sample.Answer));
        var python = Samples(data, "mbpp.jsonl");
        var shell = Samples(data, "codealpaca.json").Where(sample => sample.Prompt.Contains("shell", StringComparison.OrdinalIgnoreCase) || sample.Prompt.Contains("bash", StringComparison.OrdinalIgnoreCase)).ToList();
        Lesson[] lessons =
        [
            Lesson("maths", LessonKind.New, "Word problems of grade school (GSM8K)", maths, 0, 300),
            Lesson("python", LessonKind.New, "Small functions in Python (MBPP)", python, 0, 250),
            Lesson("shell", LessonKind.New, "Commands for a shell (Code Alpaca)", shell, 0, 220),
            Lesson("spoken", LessonKind.Paraphrase, "The word problems in other words: no expert may come of it", spoken, 300, 120),
            Lesson("maths", LessonKind.MoreData, "The same Skill with 300 samples more", maths, 0, 600),
        ];
        Directory.CreateDirectory(folder);
        return new Scenario
        {
            Backbone = "reader",
            Story = "two million weights, pre-trained here on Shakespeare, on questions without answers and on instructions that nobody follows",
            Manifests = [Manifest(folder)],
            Lessons = isShort ? [lessons[0], lessons[3]] : lessons,
            Deleted = isShort ? null : "shell",
            Tokens = 96,
            Stop = null,
            Steps = 200,
            Marking = new Likeness(),
            Pretraining = new(
                Path.Combine(folder, "reader"),
                [
                    "pretrain", "--data", Corpus(data, folder, maths), "--out", Path.Combine(folder, "reader"), "--name", "reader", "--vocabulary", "2048", "--layers", "4", "--hidden", "192",
                    "--feed-forward", "512", "--heads", "6", "--kv-heads", "3", "--context", "256", "--rows", "8", "--rate", "0.003",
                    "--steps", PretrainingSteps.ToString(CultureInfo.InvariantCulture),
                ]),
        };
    }

    private static List<Sample> Samples(string data, string name)
    {
        var path = Path.Combine(data, name);
        try
        {
            var reader = new DatasetReader(new DatasetOptions());
            return [.. reader.Read(path).Where(sample => sample.Text.Length <= LongestSample && sample.Prompt.Length > 0)];
        }
        catch (Exception error) when (error is DatasetException or IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"expected the data set {path}: {error.Message}");
        }
    }

    private static Lesson Lesson(string skill, LessonKind kind, string story, List<Sample> samples, int first, int count)
    {
        var taught = samples.Skip(Questions + first).Take(count).ToList();
        return taught.Count >= count / 2
            ? new() { Skill = skill, Kind = kind, Story = story, Questions = [.. samples.Take(Questions)], Samples = taught }
            : throw new DemoException($"expected {count} samples of at most {LongestSample} characters for the skill {skill}, found {taught.Count}");
    }

    // Word problems and tasks in Python from the end of their sets: those of the lessons are none of them. Instructions are there without what they ask for.
    private static string Corpus(string data, string folder, List<Sample> maths)
    {
        var path = Path.Combine(folder, "corpus.txt");
        using var writer = new StreamWriter(path);
        writer.Write(File.ReadAllText(Path.Combine(data, "tinyshakespeare.txt")));
        foreach (var sample in maths.Skip(maths.Count / 2).Concat(Samples(data, "codealpaca.json")).Concat(Samples(data, "mbpp.jsonl").Skip(300)))
        {
            writer.Write($"\n{sample.Prompt.Trim()}\n");
        }

        return path;
    }

    private static string Manifest(string folder)
    {
        var path = Path.Combine(folder, "backbone.yaml");
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: models}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: ""
              persistentVolumeReclaimPolicy: Retain
              hostPath: {path: {{folder}} }
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: models}
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: ""
              volumeName: models
              resources: {requests: {storage: 1Gi} }
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: experts}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi} }
            ---
            apiVersion: dylora.dev/v1alpha1
            kind: Backbone
            metadata: {name: reader}
            spec:
              source: {persistentVolumeClaim: {claimName: models, path: reader} }
              store: {persistentVolumeClaim: {claimName: experts} }
              context: 256
              training:
                maxConcurrentJobs: 1
                recipe: {seedingRate: "6e-3", consolidationRate: "1e-3"}

            """);
        return path;
    }
}
