using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;

namespace DyLoraMoe.Trainer.Predictions.World;

/// <summary>
/// The behaviours of one paired run: four operations on letters and half of their ordered pairs are taught, the other pairs never. The built-in backbone saw none of
/// them. Prompts stand in frames; some frames are never taught either.
/// </summary>
internal sealed class LetterWorld
{
    private const int Least = 3;
    private const int Most = 4;

    private static readonly ulong _purpose = SeededRandom.Key("letter world");

    private readonly ulong _seed;
    private readonly HashSet<string> _aside = new(StringComparer.Ordinal);

    /// <summary>The world of a run.</summary>
    /// <param name="seed">Decides pairs and samples.</param>
    public LetterWorld(ulong seed)
    {
        _seed = seed;
        var pairs = LetterOperation.All.SelectMany(one => LetterOperation.All.Where(other => other != one).Select(other => (LetterOperation[])[one, other])).ToArray();
        Random("pairs").Shuffle(pairs.AsSpan());
        Taught = [.. LetterOperation.All.Select(one => (LetterOperation[])[one]), .. pairs[..(pairs.Length / 2)]];
        Untaught = pairs[(pairs.Length / 2)..];
        Usual = Draw("usual", Tests, Frames, Taught);
        NovelFrames = Draw("novel frames", Tests, OtherFrames, Taught);
        UntaughtPairs = Draw("untaught pairs", Tests, Frames, Untaught);
        foreach (var sample in Usual.Concat(NovelFrames).Concat(UntaughtPairs))
        {
            _aside.Add(TaskOf(sample.Prompt)!.Text);
        }
    }

    /// <summary>Samples of each test.</summary>
    public const int Tests = 96;

    /// <summary>The frames that are taught.</summary>
    public static IReadOnlyList<TextFrame> Frames { get; } =
    [
        new("Do ", " ->"), new("Please ", " =>"), new("Instruction: ", "\nOutput:"), new("Q: ", "\nA:"),
        new("The task is ", ". The result is"), new("They want ", ". We say"), new("Now ", " gives"), new("Letters! ", " become"),
    ];

    /// <summary>The frames that are not.</summary>
    public static IReadOnlyList<TextFrame> OtherFrames { get; } = [new("Try ", " ="), new("Input: ", "\nAnswer:"), new("She says ", ". He answers"), new("Exercise ", ":")];

    /// <summary>What is taught: every operation alone, and half of the pairs.</summary>
    public IReadOnlyList<LetterOperation[]> Taught { get; }

    /// <summary>The other pairs.</summary>
    public IReadOnlyList<LetterOperation[]> Untaught { get; }

    /// <summary>A test of what is taught, on letters that are not.</summary>
    public IReadOnlyList<Sample> Usual { get; }

    /// <summary>The same in frames that are not taught.</summary>
    public IReadOnlyList<Sample> NovelFrames { get; }

    /// <summary>A test of the other pairs, in frames that are taught.</summary>
    public IReadOnlyList<Sample> UntaughtPairs { get; }

    /// <summary>Many samples of what is taught, in all frames that are.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<Sample> Diverse(int count) => Draw("diverse", count, Frames, Taught);

    /// <summary>The same few samples in one frame.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<Sample> Narrow(int count) => Draw("narrow", count, [Frames[0]], Taught);

    /// <summary>What an oracle would dream: right answers to pairs that are not taught.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<Sample> Oracle(int count) => Draw("oracle", count, Frames, Untaught);

    /// <summary>The samples with the answers of others: what has the form of the data and teaches nothing.</summary>
    /// <param name="samples">The samples.</param>
    public IReadOnlyList<Sample> Shuffled(IReadOnlyList<Sample> samples)
    {
        var answers = samples.Select(sample => sample.Answer).ToArray();
        Random("shuffled").Shuffle(answers.AsSpan());
        return [.. samples.Zip(answers, (sample, answer) => Sample.Pair(sample.Prompt, answer))];
    }

    /// <summary>The samples, of which a share has the answer of another.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="share">The share, 0 to 1.</param>
    public IReadOnlyList<Sample> Noisy(IReadOnlyList<Sample> samples, double share)
    {
        var random = Random("noise");
        return [.. samples.Zip(Shuffled(samples), (right, wrong) => random.Chance(share) ? wrong : right)];
    }

    /// <summary>Prompts with answers of random letters: a batch that nobody meant to train on.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<Sample> Poison(int count)
    {
        var random = Random("poison");
        return [.. Enumerable.Range(0, count).Select(_ => Sample.Pair(Letters(random, 12), " " + Letters(random, 12)))];
    }

    /// <summary>The task in a prompt; null when there is none.</summary>
    /// <param name="prompt">The prompt, in any frame.</param>
    public static LetterTask? TaskOf(string prompt) =>
        Frames.Concat(OtherFrames).Select(frame => frame.About(prompt)).OfType<string>().Select(LetterTask.Parse).FirstOrDefault(task => task is not null);

    /// <summary>The frame of a prompt, as the name of a skill.</summary>
    /// <param name="prompt">The prompt.</param>
    public static string FrameOf(string prompt) => Frames.Concat(OtherFrames).First(frame => frame.About(prompt) is not null).Before;

    private List<Sample> Draw(string what, int count, IReadOnlyList<TextFrame> frames, IReadOnlyList<LetterOperation[]> behaviours)
    {
        var random = Random(what);
        var samples = new List<Sample>();
        while (samples.Count < count)
        {
            var task = new LetterTask(behaviours[samples.Count % behaviours.Count], Letters(random, random.Between(Least, Most)).Split(' '));
            if (!_aside.Contains(task.Text))
            {
                samples.Add(Sample.Pair(random.Pick(frames).Ask(task.Text), " " + task.Answer));
            }
        }

        return samples;
    }

    private static string Letters(SeededRandom random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(26))));

    private SeededRandom Random(string what) => new(_seed, _purpose, SeededRandom.Key(what));
}
