using DyLoraMoe.Trainer.Commands;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>Sizes of the streams, full and quick.</summary>
internal static class BenchPresets
{
    /// <summary>Tokens of a new synthetic skill: most are learnt nearly or wholly, and ten arms in five runs take about an hour on two cores.</summary>
    public const int SyntheticTokens = 56_000;

    /// <summary>Tokens of a new real skill.</summary>
    public const int RealTokens = 48_000;

    /// <summary>Tokens of a new skill in the quick form.</summary>
    public const int QuickTokens = 8_000;

    /// <summary>The plan of a stream, but for the backbone's digest.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">What was asked for.</param>
    public static BenchPlan Of(string stream, BenchOptions options)
    {
        var isReal = stream == RealStream.Name;
        return new BenchPlan
        {
            Stream = stream,
            Seed = options.Seed,
            Backbone = string.Empty,
            Rules = BenchPlan.EqualRules,
            TuningSkills = options.Quick ? 0 : 3,
            Options = new StreamOptions
            {
                Tokens = options.Tokens ?? (options.Quick ? QuickTokens : isReal ? RealTokens : SyntheticTokens),
                Skills = options.Skills.Count > 0 || !options.Quick ? options.Skills
                    : isReal ? ["text", RealData.Maths, "code-python"]
                    : ["caesar", "reverse", "clock", "date"],
                TestSamples = (options.Quick, isReal) switch { (true, true) => 8, (true, false) => 24, (false, true) => 32, _ => 100 },
                HeldOutSamples = options.Quick || isReal ? 32 : 64,
                TrainSamples = options.Quick ? 500 : 2000,
                NoveltyBatches = options.Quick ? 1 : 2,
            },
            Settings = isReal ? new ArmSettings { Rows = 4, RowLength = 256 } : new ArmSettings { Rows = 8, RowLength = 64 },
        };
    }
}
