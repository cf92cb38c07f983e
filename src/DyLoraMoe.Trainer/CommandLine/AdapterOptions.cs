using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how large a new expert is and where it acts.</summary>
internal sealed class AdapterOptions
{
    private readonly Option<AdapterMode?> _mode = OptionOf.OneOf(
        "--mode", "MODE", "Where the expert acts: activated or full. Other programs that read PEFT run a full one, or an activated one with --invocation. [default: activated]", ("activated", AdapterMode.Activated), ("full", AdapterMode.Full));

    private readonly Option<int?> _rank = OptionOf.Whole("--rank", "R", "Width of the low-rank update. [default: 8]", 1, 4096);

    private readonly Option<double?> _alpha = OptionOf.Number("--alpha", "A", "Numerator of the update's scale. [default: twice the rank]", 1e-6, 1e6);

    private readonly Option<bool> _rsLora = OptionOf.Flag("--rslora", "Scale by alpha / sqrt(rank) instead of alpha / rank.");

    private readonly Option<double?> _dropout = OptionOf.Number("--dropout", "SHARE", "Share of the expert's inputs dropped while training. [default: 0]", 0, 0.95);

    private readonly Option<string?> _targets = OptionOf.Text(
        "--targets", "NAMES", "The layers to adapt, with commas, such as q_proj,v_proj; dylora inspect lists them. [default: every linear layer]");

    private readonly Option<bool> _head = OptionOf.Flag("--adapt-head", "Adapt the language-model head too; it must not be tied.");

    private readonly Option<string?> _invocation = OptionOf.Text(
        "--invocation", "TEXT", "Text that invokes an activated expert: it acts from the text's last occurrence in the prompt on, as PEFT's aLoRA, and every prompt of the data must have it; \\n stands for a line feed. [default: none, it acts from the last prompt token on, which only this project runs]");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_mode, _rank, _alpha, _rsLora, _dropout, _targets, _head, _invocation];

    /// <summary>What was asked for, and the text that invokes the expert.</summary>
    public (LoraConfig Config, string? Invocation) Of(ParseResult parsed)
    {
        var mode = parsed.GetValue(_mode) ?? AdapterMode.Activated;
        var rank = parsed.GetValue(_rank) ?? 8;
        var invocation = parsed.GetValue(_invocation) is { } text ? PromptTemplate.Unescape(text) : null;
        if (invocation is not null && (mode == AdapterMode.Full || invocation.Length == 0))
        {
            throw new UsageException("--invocation needs a text and --mode activated: a full expert acts everywhere.");
        }

        var config = new LoraConfig
        {
            Mode = mode,
            Rank = rank,
            Alpha = parsed.GetValue(_alpha) ?? 2 * rank,
            UseRsLora = parsed.GetValue(_rsLora),
            Dropout = parsed.GetValue(_dropout) ?? 0,
            TargetModules = parsed.GetValue(_targets)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            AdaptHead = parsed.GetValue(_head),
        };
        return (config, invocation);
    }
}
