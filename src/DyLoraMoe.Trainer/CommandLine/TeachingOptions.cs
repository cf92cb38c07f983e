using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>What a teacher is asked about.</summary>
[Flags]
internal enum TeachingInputs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Texts that the teacher makes up.</summary>
    Samples = 1,

    /// <summary>Tokens drawn alike.</summary>
    Random = 2,

    /// <summary>The data.</summary>
    Data = 4,

    /// <summary>Texts that the teacher dreams of the data.</summary>
    Dreams = 8,
}

/// <summary>How a student learns from a teacher.</summary>
/// <param name="Files">Data files; none for a judge that the teacher makes up.</param>
/// <param name="TextField">The field of JSON or CSV files that holds the text.</param>
/// <param name="HeldOutPercent">Share of the data that is the judge.</param>
/// <param name="Inputs">What the teacher is asked about.</param>
/// <param name="Texts">Texts of each kind that costs no data.</param>
/// <param name="Temperature">Divides both models' logits.</param>
/// <param name="Handover">When data take over.</param>
/// <param name="Training">Rates, batches and seed.</param>
/// <param name="Steps">Optimizer steps; 0 for none.</param>
internal sealed record TeachingChoice(
    IReadOnlyList<string> Files,
    string? TextField,
    int HeldOutPercent,
    TeachingInputs Inputs,
    int Texts,
    double Temperature,
    Handover Handover,
    TrainingOptions Training,
    int Steps);

/// <summary>The options of verbs in which one model learns from another.</summary>
/// <param name="usualSteps">Steps when nothing is said.</param>
internal sealed class TeachingOptions(int usualSteps)
{
    private const int UsualHeldOutPercent = 10;
    private const int UsualTexts = 512;
    private const int WarmUpSteps = 20;

    private readonly Option<string[]> _files = OptionOf.Texts("--data", "FILE", "A text or JSON lines file. A share of it is the judge; the rest is learnt from only as --learn-from and --data-share say. May be given several times.");

    private readonly Option<string?> _field = OptionOf.Text("--text-field", "NAME", "The field of JSON or CSV files that holds the text. [default: found by common names]");

    private readonly Option<int?> _heldOut = OptionOf.Whole("--held-out", "PERCENT", $"Share of the data that is measured and not learnt. [default: {UsualHeldOutPercent}]", 1, 50);

    private readonly Option<TeachingInputs?> _inputs = OptionOf.Parsed<TeachingInputs?>(
        "--learn-from", "LIST", "What the teacher is asked about: samples (texts that it makes up), random (tokens drawn alike), dreams (crossings of the data that it goes on from), data; with commas, in proportion to their tokens. [default: samples]", Inputs, "samples, random, dreams or data, with commas between them");

    private readonly Option<int?> _texts = OptionOf.Whole("--texts", "N", $"Texts of each of samples, random and dreams. [default: {UsualTexts}]", 8);

    private readonly Option<(double From, double To)?> _share = OptionOf.Parsed<(double, double)?>(
        "--data-share", "FROM..TO", "Share of the batches that are learnt from the data's own tokens, in the first step and in the last; the teacher has the others. [default: 0..0]", Share, "two shares from 0 to 1, such as 0..1");

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "N", $"Optimizer steps{(usualSteps == 0 ? "; 0 for none" : "")}. [default: {usualSteps}]", usualSteps == 0 ? 0 : 1);

    private readonly Option<double?> _rate = OptionOf.Number("--rate", "RATE", $"Highest rate, after {WarmUpSteps} steps of warm-up; it falls to a tenth along a cosine. [default: 0.001]", 0, 1);

    private readonly Option<double?> _temperature = OptionOf.Number("--temperature", "T", "Divides the logits of both, so that unlikely tokens teach too. [default: 1]", 0.1, 100);

    private readonly Option<int?> _rows = OptionOf.Whole("--rows", "B", "Rows per batch. [default: 8]", 1, 1 << 16);

    private readonly Option<int?> _context = OptionOf.Whole("--context", "TOKENS", "Tokens of a row, and of a window that is measured. [default: 256, or the model's own where that is less]", 8, 1 << 20);

    private readonly Option<int?> _accumulation = OptionOf.Whole("--accumulation", "N", "Batches per step. [default: 1]", 1, 1 << 16);

    private readonly Option<int?> _evaluate = OptionOf.Whole("--evaluate-every", "N", "Steps between measurements on held-out text. [default: a fifth of the steps]", 1);

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_files, _field, _heldOut, _inputs, _texts, _share, _steps, _rate, _temperature, _rows, _context, _accumulation, _evaluate, _seed];

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="teacher">The teacher's shape.</param>
    /// <param name="student">The student's, where it is known.</param>
    /// <exception cref="UsageException">Two values do not fit together.</exception>
    public TeachingChoice Of(ParseResult parsed, ModelConfig teacher, ModelConfig? student = null)
    {
        var (files, inputs, share) = (parsed.GetValue(_files)!, parsed.GetValue(_inputs) ?? TeachingInputs.Samples, parsed.GetValue(_share) ?? (0, 0));
        if (files.Length == 0 && ((inputs & (TeachingInputs.Data | TeachingInputs.Dreams)) != 0 || share != (0, 0)))
        {
            throw new UsageException($"{(share != (0, 0) ? "--data-share" : inputs.HasFlag(TeachingInputs.Data) ? "--learn-from data" : "--learn-from dreams")} needs data; name a file with --data.");
        }

        var longest = Math.Min(teacher.MaxPositions, student?.MaxPositions ?? int.MaxValue);
        var (steps, context) = (parsed.GetValue(_steps) ?? usualSteps, parsed.GetValue(_context) ?? Math.Min(SharedOptions.DefaultContext, longest));
        if (context > longest)
        {
            throw new UsageException($"--context is {context}, but the models read at most {longest} tokens.");
        }

        var training = Training(parsed, Math.Max(1, steps), context);
        return new TeachingChoice(
            files,
            parsed.GetValue(_field),
            parsed.GetValue(_heldOut) ?? UsualHeldOutPercent,
            inputs,
            parsed.GetValue(_texts) ?? UsualTexts,
            parsed.GetValue(_temperature) ?? 1,
            new Handover(share.Item1, share.Item2, (long)Math.Max(1, steps) * training.Accumulation),
            training,
            steps);
    }

    /// <summary>How a copy is trained.</summary>
    /// <param name="steps">Optimizer steps.</param>
    /// <param name="rate">Highest rate, after a warm-up; it falls to a tenth along a cosine.</param>
    /// <param name="rows">Rows of a step.</param>
    /// <param name="context">Tokens of a row.</param>
    public static TrainingOptions RecipeOf(int steps, double rate, int rows, int context)
    {
        var warmUp = Math.Clamp(steps / 5, 1, WarmUpSteps);
        return TrainingOptions.Pretraining with
        {
            Seeding = new SeedingOptions { Rate = rate, WarmUpSteps = warmUp, MaxSteps = warmUp, PlateauPatience = null },
            Consolidation = new ConsolidationOptions { Rate = rate, FinalRate = rate / 10 },
            MaxSteps = steps,
            Rows = rows,
            Context = context,
            EvaluateEvery = Math.Max(1, steps / 5),

            // A copy starts from weights that are right; decay would only pull at them.
            WeightDecay = 0,
        };
    }

    private TrainingOptions Training(ParseResult parsed, int steps, int context)
    {
        var options = RecipeOf(steps, parsed.GetValue(_rate) ?? 1e-3, parsed.GetValue(_rows) ?? 8, context);
        options = options with
        {
            Accumulation = parsed.GetValue(_accumulation) ?? options.Accumulation,
            EvaluateEvery = parsed.GetValue(_evaluate) ?? options.EvaluateEvery,
            Seed = parsed.GetValue(_seed) ?? options.Seed,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ValidationException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static TeachingInputs? Inputs(string text)
    {
        var all = TeachingInputs.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var input = word switch { "samples" => TeachingInputs.Samples, "random" => TeachingInputs.Random, "data" => TeachingInputs.Data, "dreams" => TeachingInputs.Dreams, _ => TeachingInputs.None };
            if (input == TeachingInputs.None)
            {
                return null;
            }

            all |= input;
        }

        return all;
    }

    private static (double From, double To)? Share(string text)
    {
        var parts = text.Split("..");
        return parts.Length == 2 && Number(parts[0]) is { } from && Number(parts[1]) is { } to ? (from, to) : null;

        static double? Number(string part) =>
            double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1 ? value : null;
    }
}
