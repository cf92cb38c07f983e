using System.CommandLine;
using System.Globalization;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data.Mixing;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>What is mixed into new data.</summary>
/// <param name="Policy">Shares of the tokens.</param>
/// <param name="Replay">A data file of each earlier skill.</param>
/// <param name="ReplaySamples">Most samples of an earlier skill; null for all.</param>
/// <param name="Dreams">Files of generated data.</param>
internal sealed record MixChoice(MixPolicy Policy, IReadOnlyList<string> Replay, int? ReplaySamples, IReadOnlyList<string> Dreams);

/// <summary>The options of verbs that mix earlier and generated data into new ones.</summary>
internal sealed class MixOptions
{
    private readonly Option<string[]> _replay = OptionOf.Texts("--replay", "FILE", "Data of an earlier skill, one file a skill, that are mixed in. May be given several times.");

    private readonly Option<int?> _replaySamples = SharedOptions.ReplaySamples();

    private readonly Option<string[]> _dreams = OptionOf.Texts("--dreams", "FILE", "Generated data that are mixed in. May be given several times.");

    private readonly Option<MixPolicy?> _mix = OptionOf.Parsed<MixPolicy?>(
        "--mix",
        "NEW,REPLAY,DREAMS",
        "Shares of the tokens in percent, required with --replay or --dreams. The share of what is not given goes to --data.",
        Parse,
        "three whole percents that add to 100, at least 1 of them new and at most 50 dreams, such as 50,30,20");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_replay, _replaySamples, _dreams, _mix];

    /// <summary>What was asked for; without any option, new data alone.</summary>
    /// <exception cref="UsageException">Shares without data, or data without shares.</exception>
    public MixChoice Of(ParseResult parsed)
    {
        var (replay, dreams, mix, samples) = (parsed.GetValue(_replay)!, parsed.GetValue(_dreams)!, parsed.GetValue(_mix), parsed.GetValue(_replaySamples));
        if (replay.Length == 0 && (samples is not null || (mix is not null && dreams.Length == 0)))
        {
            throw new UsageException("'--mix' and '--replay-samples' have nothing to mix in: name data of earlier skills with '--replay', or for '--mix' generated ones with '--dreams'.");
        }

        return mix is null && replay.Length + dreams.Length > 0
            ? throw new UsageException("Option '--mix' is required with '--replay' and '--dreams': say which percent of the tokens is new, replay and dreams, such as 50,30,20.")
            : new MixChoice(mix ?? new MixPolicy(100, 0, 0), replay, samples, dreams);
    }

    private static MixPolicy? Parse(string text)
    {
        var percents = Array.ConvertAll(text.Split(','), part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : -1);
        return percents is [var fresh, var replay, var dreams] && MixPolicy.IsMixture(fresh, replay, dreams) ? new MixPolicy(fresh, replay, dreams) : null;
    }
}
