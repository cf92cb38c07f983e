using System.Text;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Endpoints;

namespace DyLoraMoe.Router.Metrics;

/// <summary>The texts of one request, for a log that was asked to hold them.</summary>
/// <param name="sequences">How many answers there will be.</param>
internal sealed partial class AnswerLog(int sequences)
{
    private readonly StringBuilder[] _answers = [.. Enumerable.Range(0, sequences).Select(_ => new StringBuilder())];

    /// <summary>An answer has grown.</summary>
    public void Add(int index, string text) => _answers[index].Append(text);

    /// <summary>Writes one line for each answer, as far as it came.</summary>
    public void Write(HttpContext context, TextTokenizer tokenizer, GenerationPlan plan)
    {
        var log = context.RequestServices.GetRequiredService<ILogger<AnswerLog>>();
        for (var index = 0; index < sequences; index++)
        {
            var (prompt, answer) = (tokenizer.Decode(plan.Prompts[index / plan.Choices]), _answers[index].ToString());
            LogAnswer(log, context.TraceIdentifier, index, prompt, answer);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Request} choice {Index} prompt={Prompt} answer={Answer}")]
    private static partial void LogAnswer(ILogger log, string request, int index, string prompt, string answer);
}
