namespace DyLoraMoe.Core.Data.Reading;

/// <summary>How the fields of a row become a sample: what the options name, and conventions for what they do not.</summary>
internal sealed class FieldMapping
{
    private static readonly string[] Outputs = ["output", "answer", "completion", "response", "code", "target"];

    // Looked through in this order; the first whose fields are all there is taken.
    private static readonly (string[] Needed, string Template, string Output)[] Conventions =
    [
        (["prompt", "completion"], "{prompt}", "completion"),
        (["prompt", "answer"], "{prompt}", "answer"),
        (["instruction", "output"], InstructionTemplate, "output"),
        (["instruction", "response"], InstructionTemplate, "response"),
        (["question", "answer"], "{question}\n", "answer"),
        (["input", "output"], "{input}\n", "output"),
        (["text", "code"], "{text}\n", "code"),
    ];

    private const string InstructionTemplate = "{instruction}\n{?input}{input}\n{/input}";

    private readonly string? _textField;
    private readonly PromptTemplate? _prompt;
    private readonly string? _output;

    private FieldMapping(string textField) => _textField = textField;

    private FieldMapping(string template, string output)
    {
        _prompt = PromptTemplate.Parse(template);
        _output = output;
    }

    /// <summary>Decides by the options and, where they are silent, by the fields of a row.</summary>
    /// <exception cref="DatasetException">The row has no fields that are known.</exception>
    public static FieldMapping Resolve(DatasetOptions options, DataRow row)
    {
        if (options.TextField is { } text)
        {
            return new FieldMapping(text);
        }

        if (options.PromptTemplate is { } template)
        {
            return new FieldMapping(template, options.OutputField ?? GuessOutput(row));
        }

        if (options.InputField is { } input)
        {
            // As it is: whoever names a field expects its text, and nothing else, to be the prompt at generation too.
            return new FieldMapping($"{{{input}}}", options.OutputField!);
        }

        if (options.OutputField is not null)
        {
            throw new DatasetException(row.File, row.Line, $"the name of the input field, or a prompt template, beside the output field '{options.OutputField}'", row.FieldNames);
        }

        foreach (var (needed, conventional, output) in Conventions)
        {
            if (needed.All(row.Fields.ContainsKey))
            {
                return new FieldMapping(conventional, output);
            }
        }

        return row.Fields.ContainsKey(PlainTextReader.Field)
            ? new FieldMapping(PlainTextReader.Field)
            : throw new DatasetException(
                row.File, row.Line, $"the names of the input and output fields, or one of {string.Join("; ", Conventions.Select(c => string.Join(" + ", c.Needed)))}; text", row.FieldNames);
    }

    /// <summary>The sample of a row, or what is wrong with the row.</summary>
    public (Sample? Sample, DatasetException? Error) Map(DataRow row, DatasetOptions options)
    {
        if (_prompt is not null && !_prompt.TryRender(row.Fields, out _, out var missing))
        {
            return (null, Missing(row, missing));
        }

        var answerField = _textField ?? _output!;
        if (!row.Fields.TryGetValue(answerField, out var answer))
        {
            return (null, Missing(row, answerField));
        }

        if (answer.Length == 0)
        {
            return (null, new DatasetException(row.File, row.Line, $"something in the field '{answerField}'", "nothing"));
        }

        var prompt = string.Empty;
        _prompt?.TryRender(row.Fields, out prompt, out _);
        (prompt, answer) = (Clean(prompt, options), Clean(answer, options));
        if (prompt.Length + (long)answer.Length > options.MaxSampleCharacters)
        {
            return (null, new DatasetException(row.File, row.Line, $"a sample of at most {options.MaxSampleCharacters} characters", $"{prompt.Length + (long)answer.Length}"));
        }

        return (_prompt is null ? Sample.PlainText(answer) : Sample.Pair(prompt, answer), null);
    }

    private static string Clean(string text, DatasetOptions options) =>
        options.KeepCarriageReturns || !text.Contains('\r', StringComparison.Ordinal) ? text : text.ReplaceLineEndings("\n");

    private static string GuessOutput(DataRow row) =>
        Outputs.FirstOrDefault(row.Fields.ContainsKey)
        ?? throw new DatasetException(row.File, row.Line, $"the name of the output field, or one of {string.Join(", ", Outputs)}", row.FieldNames);

    private static DatasetException Missing(DataRow row, string field) => new(row.File, row.Line, $"the field '{field}'", row.FieldNames);
}
