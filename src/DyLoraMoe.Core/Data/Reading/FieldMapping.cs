using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>How the fields of a row become a sample: what the options name, and conventions for what they do not.</summary>
internal sealed class FieldMapping
{
    private static readonly string[] Outputs = ["output", "answer", "completion", "response", "code", "target"];

    private static readonly string[] Chats = ["messages", "conversations"];

    // A question is a line of its own; a prompt is taken as it is.
    private static readonly (string Field, string Template)[] Inputs =
    [
        ("prompt", "{prompt}"),
        ("instruction", "{instruction}\n{?input}{input}\n{/input}"),
        ("question", "{question}\n"),
        ("input", "{input}\n"),
    ];

    // Looked through first and in this order: which fields belong together where a row has several.
    private static readonly (string Input, string Output)[] Usual =
    [
        ("prompt", "completion"), ("prompt", "answer"), ("instruction", "output"), ("instruction", "response"), ("question", "answer"), ("input", "output"),
    ];

    private readonly string _answer;
    private readonly PromptTemplate? _prompt;
    private readonly bool _isChat;

    private FieldMapping(string field, bool isChat = false) => (_answer, _isChat) = (field, isChat);

    private FieldMapping(string template, string output)
    {
        _prompt = PromptTemplate.Parse(template);
        _answer = output;
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

        return Known(row) ?? throw new DatasetException(
            row.File,
            row.Line,
            $"the names of the input and output fields, or {Any(Inputs.Select(known => known.Field))} with {Any(Outputs)}, or text with code, or {Any(Chats)}, or text",
            row.FieldNames);
    }

    /// <summary>The sample of a row, or what is wrong with the row.</summary>
    public (Sample? Sample, DatasetException? Error) Map(DataRow row, DatasetOptions options)
    {
        if (_isChat)
        {
            return MapChat(row, options);
        }

        if (_prompt is not null && !_prompt.TryRender(row.Fields, out _, out var missing))
        {
            return (null, Missing(row, missing));
        }

        if (!row.Fields.TryGetValue(_answer, out var answer))
        {
            return (null, Missing(row, _answer));
        }

        if (answer.Length == 0)
        {
            return (null, new DatasetException(row.File, row.Line, $"something in the field '{_answer}'", "nothing"));
        }

        var prompt = string.Empty;
        _prompt?.TryRender(row.Fields, out prompt, out _);
        (prompt, answer) = (Clean(prompt, options), Clean(answer, options));
        if (_prompt is null || !options.AsChat)
        {
            return Fitting(row, options, _prompt is null ? Sample.PlainText(answer) : Sample.Pair(prompt, answer));
        }

        // Whoever asks types no line end after the question.
        return prompt.Trim() is { Length: > 0 } asked
            ? Fitting(row, options, Sample.Chat(new Conversation(new ChatMessage("user", asked)), answer))
            : (null, new DatasetException(row.File, row.Line, "something in the prompt, since a chat begins with it", "nothing"));
    }

    private static FieldMapping? Known(DataRow row)
    {
        var fields = row.Fields;
        foreach (var (input, output) in Usual)
        {
            if (fields.ContainsKey(input) && fields.ContainsKey(output))
            {
                return new FieldMapping(TemplateOf(input), output);
            }
        }

        if (fields.ContainsKey("text") && fields.ContainsKey("code"))
        {
            return new FieldMapping("{text}\n", "code");
        }

        if (Array.Find(Chats, fields.ContainsKey) is { } chat)
        {
            return new FieldMapping(chat, isChat: true);
        }

        var (question, answer) = (Array.Find(Inputs, known => fields.ContainsKey(known.Field)), Array.Find(Outputs, fields.ContainsKey));
        return question.Field is not null && answer is not null ? new FieldMapping(question.Template, answer)
            : fields.ContainsKey(PlainTextReader.Field) ? new FieldMapping(PlainTextReader.Field)
            : null;
    }

    private static string TemplateOf(string input) => Array.Find(Inputs, known => known.Field == input).Template;

    private static string Any(IEnumerable<string> names) => string.Join(" or ", (string[])[string.Join(", ", names.SkipLast(1)), names.Last()]);

    private (Sample? Sample, DatasetException? Error) MapChat(DataRow row, DatasetOptions options)
    {
        if (!row.Fields.TryGetValue(_answer, out var json))
        {
            return (null, Missing(row, _answer));
        }

        return !ConversationParser.TryParse(json, out var messages, out var answer, out var problem) ? (null, new DatasetException(row.File, row.Line, problem.Expected, problem.Found))
            : answer.Length == 0 ? (null, new DatasetException(row.File, row.Line, "something in the last message", "nothing"))
            : Fitting(row, options, Sample.Chat(new Conversation([.. messages.Select(message => message with { Content = Clean(message.Content, options) })]), Clean(answer, options)));
    }

    private static (Sample? Sample, DatasetException? Error) Fitting(DataRow row, DatasetOptions options, Sample sample)
    {
        var characters = sample.Prompt.Length + (long)sample.Answer.Length;
        return characters <= options.MaxSampleCharacters
            ? (sample, null)
            : (null, new DatasetException(row.File, row.Line, $"a sample of at most {options.MaxSampleCharacters} characters", $"{characters}"));
    }

    private static string Clean(string text, DatasetOptions options) =>
        options.KeepCarriageReturns || !text.Contains('\r', StringComparison.Ordinal) ? text : text.ReplaceLineEndings("\n");

    private static string GuessOutput(DataRow row) =>
        Outputs.FirstOrDefault(row.Fields.ContainsKey)
        ?? throw new DatasetException(row.File, row.Line, $"the name of the output field, or one of {string.Join(", ", Outputs)}", row.FieldNames);

    private static DatasetException Missing(DataRow row, string field) => new(row.File, row.Line, $"the field '{field}'", row.FieldNames);
}
