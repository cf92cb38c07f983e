using DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>
/// A chat template: a program in the part of Jinja that such templates are written in, with the settings that transformers gives it.
/// It is read once and can run in several threads.
/// </summary>
internal sealed class Template
{
    private readonly Statement _body;

    private Template(Statement body)
    {
        _body = body;
    }

    /// <exception cref="NotSupportedException">The source is damaged, or holds something that is not supported; the message names it and its line.</exception>
    public static Template Parse(string source) => source.Length <= TemplateLimits.Source
        ? new Template(TemplateParser.Parse(source))
        : throw new NotSupportedException($"The chat template has {source.Length} characters; one of at most {TemplateLimits.Source} is read.");

    /// <summary>Runs the template.</summary>
    /// <param name="variables">What it knows.</param>
    /// <param name="clock">Tells the date; null gives one that is always the same.</param>
    /// <exception cref="ArgumentException">The template refuses what it was given, or cannot go on with it.</exception>
    public IReadOnlyList<TextPiece> Render(IEnumerable<KeyValuePair<string, Value>> variables, TimeProvider? clock)
    {
        Execution run = new(clock);
        TextBuilder output = new();
        Scope scope = new(run, output);
        TemplateFunctions.AddTo(scope);
        foreach (var (name, value) in variables)
        {
            scope.Set(name, value);
        }

        try
        {
            _body.Execute(scope);
        }
        catch (TemplateError error)
        {
            throw new ArgumentException(error.IsRaised ? error.Message : $"The chat template cannot write this conversation. Line {run.Line}: {error.Message}", error);
        }

        return output.ToPieces();
    }
}
