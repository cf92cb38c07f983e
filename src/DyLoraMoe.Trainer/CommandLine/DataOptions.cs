using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Which files to learn from or measure on, and what in them is prompt and answer.</summary>
/// <param name="Files">The files, which together are one data set.</param>
/// <param name="Reading">Fields and template.</param>
/// <param name="Loss">Which tokens count.</param>
internal sealed record DataChoice(IReadOnlyList<string> Files, DatasetOptions Reading, LossOn Loss);

/// <summary>The options of verbs that read a data set.</summary>
internal sealed class DataOptions
{
    private readonly Option<string[]> _files = OptionOf.Texts(
        "--data", "FILE", "A data file: .jsonl, .json, .csv, .tsv, .txt or .md, also with .gz. May be given several times. (REQUIRED)");

    private readonly Option<string?> _input = OptionOf.Text("--input-field", "NAME", "The field that is the prompt, as it is; --template adds to it. [default: found by common names]");

    private readonly Option<string?> _output = OptionOf.Text("--output-field", "NAME", "The field that is the answer. [default: found by common names]");

    private readonly Option<string?> _text = OptionOf.Text("--text-field", "NAME", "The field that is a plain text, in place of prompt and answer.");

    private readonly Option<string?> _template = OptionOf.Text(
        "--template", "TEXT", @"The prompt, with fields in braces and \n for a line feed, such as 'Question: {question}\nAnswer:'.");

    private readonly Option<bool> _chat = OptionOf.Flag("--chat", "Prompt and answer are turns of a chat, written by the model's chat template; samples with messages are chats anyway.");

    private readonly Option<bool> _skip = OptionOf.Flag("--skip-bad-rows", "Leave out and count rows that cannot be used, instead of ending with an error.");

    private readonly Option<LossOn?> _loss = OptionOf.OneOf(
        "--loss", "WHAT", "Which tokens count: answer or everything. [default: answer]", ("answer", LossOn.Answer), ("everything", LossOn.Everything));

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_files, _input, _output, _text, _template, _chat, _skip, _loss];

    /// <summary>Which tokens are to count; null where that was not said.</summary>
    public LossOn? LossOf(ParseResult parsed) => parsed.GetValue(_loss);

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">No file, or fields that exclude each other.</exception>
    public DataChoice Of(ParseResult parsed)
    {
        var files = parsed.GetValue(_files)!;
        if (files.Length == 0)
        {
            throw new UsageException("Option '--data' is required: name at least one data file.");
        }

        var (template, input, text) = (parsed.GetValue(_template), parsed.GetValue(_input), parsed.GetValue(_text));
        if ((template is not null && input is not null) || (text is not null && (template ?? input ?? parsed.GetValue(_output)) is not null))
        {
            throw new UsageException("Give either --text-field, or a prompt by --input-field or --template with its --output-field.");
        }

        if (text is not null && parsed.GetValue(_chat))
        {
            throw new UsageException("--text-field has no prompts: leave --chat out.");
        }

        var reading = new DatasetOptions
        {
            InputField = input,
            OutputField = parsed.GetValue(_output),
            TextField = text,
            PromptTemplate = template is null ? null : PromptTemplate.Unescape(template),
            AsChat = parsed.GetValue(_chat),
            BadRows = parsed.GetValue(_skip) ? BadRowPolicy.Skip : BadRowPolicy.Fail,
        };
        return new DataChoice(files, reading, LossOf(parsed) ?? LossOn.Answer);
    }
}
