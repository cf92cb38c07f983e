using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Pretraining;

/// <summary>Everything that a backbone made from scratch follows from. The same configuration on the same machine gives the same weights.</summary>
internal sealed record BackboneConfig
{
    /// <summary>Name of the model, for its card.</summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")]
    public string Name { get; init; } = "backbone";

    /// <summary>Seed of the corpus, the weights and the order of the data.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>The model's shape.</summary>
    public BackboneShape Model { get; init; } = new();

    /// <summary>The vocabulary.</summary>
    public VocabularyConfig Tokenizer { get; init; } = new();

    /// <summary>What is learnt.</summary>
    public CorpusConfig Corpus { get; init; } = new();

    /// <summary>
    /// How it is learnt. Seed and context are those of the rest of this configuration. A file that has this part states all of it that is to
    /// differ from the defaults for experts.
    /// </summary>
    public TrainingOptions Training { get; init; } = TrainingOptions.Pretraining;

    /// <summary>Element type of the stored weights: bfloat16, which halves the folder, or float32. What is reported is measured after rounding.</summary>
    [RegularExpression("^(bfloat16|float32)$")]
    public string StoredType { get; init; } = "bfloat16";

    /// <summary>The training options with what follows from the rest.</summary>
    public TrainingOptions ToTrainingOptions() => Training with { Seed = Seed, Context = Model.Context };

    /// <summary>The element type of the stored weights.</summary>
    public ScalarType ToScalarType() => StoredType == "float32" ? ScalarType.Float32 : ScalarType.BFloat16;

    /// <summary>Checks every value.</summary>
    /// <exception cref="UsageException">One cannot be right; the message names it.</exception>
    public void Validate()
    {
        try
        {
            foreach (var part in new object[] { this, Model, Tokenizer, Corpus })
            {
                Validator.ValidateObject(part, new ValidationContext(part), validateAllProperties: true);
            }

            ToTrainingOptions().Validate();
            Model.ToModelConfig(Tokenizer.Size, 0).Validate();
        }
        catch (Exception error) when (error is ValidationException or ModelFormatException)
        {
            throw new UsageException(error.Message);
        }
    }
}

/// <summary>Shape of a Llama made from scratch.</summary>
internal sealed record BackboneShape
{
    /// <summary>Decoder layers.</summary>
    [Range(1, 1000)]
    public int Layers { get; init; } = 4;

    /// <summary>Width of the residual stream.</summary>
    [Range(2, 1 << 16)]
    public int HiddenSize { get; init; } = 128;

    /// <summary>Width of the feed-forward layer.</summary>
    [Range(1, 1 << 20)]
    public int FeedForwardSize { get; init; } = 384;

    /// <summary>Query heads; they divide the hidden size into even parts.</summary>
    [Range(1, 1 << 12)]
    public int Heads { get; init; } = 4;

    /// <summary>Key/value heads; they divide the heads.</summary>
    [Range(1, 1 << 12)]
    public int KeyValueHeads { get; init; } = 4;

    /// <summary>Longest context in tokens.</summary>
    [Range(2, 1 << 20)]
    public int Context { get; init; } = 256;

    /// <summary>Base of the rotary frequencies.</summary>
    [Range(1.0, 1e12)]
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>The model configuration.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="eos">Tokens that end a generation.</param>
    public ModelConfig ToModelConfig(int vocabulary, params IReadOnlyList<int> eos) => new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = HiddenSize,
        IntermediateSize = FeedForwardSize,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadSize = HiddenSize % Heads == 0 ? HiddenSize / Heads : throw new UsageException($"hidden_size is {HiddenSize}, expected a multiple of heads {Heads}."),
        VocabularySize = vocabulary,
        MaxPositions = Context,
        NormEpsilon = 1e-5,
        RopeTheta = RopeTheta,
        TieWordEmbeddings = true,
        EosTokenIds = eos,
    };
}

/// <summary>Where the vocabulary comes from.</summary>
internal sealed record VocabularyConfig
{
    /// <summary>Tokens of a vocabulary learnt from the corpus.</summary>
    [Range(260, 1 << 20)]
    public int Size { get; init; } = 1024;

    /// <summary>Characters of the corpus that it is learnt from.</summary>
    [Range(1, int.MaxValue)]
    public int TrainingCharacters { get; init; } = 4_000_000;

    /// <summary>A folder with a tokenizer to take instead of learning one; null for none.</summary>
    public string? Folder { get; init; }
}

/// <summary>What a backbone learns.</summary>
internal sealed record CorpusConfig
{
    /// <summary>Data files; the built-in generator when empty.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The field of JSON or CSV files that holds the text; null to find it by common names.</summary>
    public string? TextField { get; init; }

    /// <summary>Characters to generate for training; files are taken whole.</summary>
    [Range(1000, int.MaxValue)]
    public int Characters { get; init; } = 40_000_000;

    /// <summary>Characters to generate for evaluation; of files, a hundredth is held out by content.</summary>
    [Range(1000, int.MaxValue)]
    public int HeldOutCharacters { get; init; } = 200_000;
}
