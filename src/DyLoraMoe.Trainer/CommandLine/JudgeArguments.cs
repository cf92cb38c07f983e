using System.CommandLine;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Trainer.Dreams;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that name a judge.</summary>
internal sealed class JudgeArguments
{
    private readonly Option<string?> _address = OptionOf.Text("--judge", "URL", $"Also ask a model behind an OpenAI-compatible address, such as http://127.0.0.1:8080/v1. Its key comes from {JudgeInput.KeyVariable}. [default: none]");

    private readonly Option<string?> _model = OptionOf.Text("--judge-model", "NAME", "With --judge: the model's name there.");

    private readonly Option<double?> _least = OptionOf.Number("--judge-least", "SCORE", "With --judge: the least score with which a dream is kept. [default: 0.5]", 0, 1);

    /// <summary>The options, for a verb.</summary>
    public Option[] All => [_address, _model, _least];

    /// <summary>The judge; null for none.</summary>
    /// <exception cref="UsageException">Something is missing.</exception>
    public JudgeOptions? Of(ParseResult parsed)
    {
        var (address, model, least) = (parsed.GetValue(_address), parsed.GetValue(_model), parsed.GetValue(_least));
        if (address is null)
        {
            return model is null && least is null ? null : throw new UsageException("--judge-model and --judge-least belong to --judge.");
        }

        var judge = JudgeOptions.Of(address, model ?? throw new UsageException("--judge needs --judge-model.")) with { Key = JudgeOptions.KeyOf(Environment.GetEnvironmentVariable) };
        return least is { } score ? judge with { Least = score } : judge;
    }
}
