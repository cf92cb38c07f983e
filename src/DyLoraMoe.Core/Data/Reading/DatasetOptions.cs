namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// How files become samples. Without any field named, the fields of the first row that can be used decide: prompt (taken as it is), instruction with
/// or without input, question or input (each of which ends its line) with completion, answer, output, response, code or target; text and code;
/// messages or conversations, which end with the assistant's answer; or text alone (plain text).
/// </summary>
public sealed record DatasetOptions
{
    /// <summary>The format; by the file's name unless given.</summary>
    public DatasetFormat Format { get; init; }

    /// <summary>The prompt, with fields in braces (<see cref="Reading.PromptTemplate"/>). Without it, the input field as it is.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>The field that is the prompt, when there is no template.</summary>
    public string? InputField { get; init; }

    /// <summary>The field that is the answer.</summary>
    public string? OutputField { get; init; }

    /// <summary>The field that is a plain text, instead of prompt and answer.</summary>
    public string? TextField { get; init; }

    /// <summary>Whether every row goes by its own fields, as where <see cref="DatasetWriter"/> wrote pairs and plain texts into one file. Off: all go by those of the first row.</summary>
    public bool EachRowDecides { get; init; }

    /// <summary>Whether a pair is a chat: the prompt, without white space around it, is what the user says, and the answer the assistant's.</summary>
    public bool AsChat { get; init; }

    /// <summary>What a document is in plain text files. The default is the whole file.</summary>
    public TextSplit TextSplit { get; init; }

    /// <summary>What lies between documents with <see cref="TextSplit.Separator"/>. The default is the mark that GPT-2 made common.</summary>
    public string Separator { get; init; } = "<|endoftext|>";

    /// <summary>What happens to rows that cannot be used. Failing is the default, since a skipped row is easily never noticed.</summary>
    public BadRowPolicy BadRows { get; init; }

    /// <summary>Most bytes of one row, line or document: a guard against a file that is something else. 64 MiB unless given.</summary>
    public int MaxRowBytes { get; init; } = 64 << 20;

    /// <summary>Most characters of one sample. A longer one is a bad row. No limit but that of the row unless given.</summary>
    public int MaxSampleCharacters { get; init; } = int.MaxValue;

    /// <summary>Most samples to read; reading stops there and the report says so.</summary>
    public long MaxSamples { get; init; } = long.MaxValue;

    /// <summary>Whether line ends stay as they are. Off: CR LF and lone CR become LF, in every field, so that line ends are no noise to learn.</summary>
    public bool KeepCarriageReturns { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRowBytes, 16);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSampleCharacters);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSamples);
        ArgumentException.ThrowIfNullOrEmpty(Separator);
        if (TextField is not null && (PromptTemplate ?? InputField ?? OutputField) is not null)
        {
            throw new ArgumentException("Expected either a text field or prompt and answer, found both; plain text has no prompt.", nameof(TextField));
        }

        if (PromptTemplate is not null && InputField is not null)
        {
            throw new ArgumentException($"Expected either a prompt template or an input field, found both; put {{{InputField}}} into the template.", nameof(InputField));
        }

        if (InputField is not null && OutputField is null)
        {
            throw new ArgumentException($"Expected an output field beside the input field '{InputField}', found none.", nameof(OutputField));
        }
    }
}
