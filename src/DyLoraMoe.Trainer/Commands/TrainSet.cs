using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What <c>dylora train</c> learns from and measures on. What is held out of one file is learnt from none: all go through the same split.</summary>
/// <param name="Digest">Digest of the new data, as they were read.</param>
/// <param name="Samples">New samples, learnt and held out; of long texts, their pieces.</param>
/// <param name="Dropped">New samples that were left out as near duplicates.</param>
/// <param name="Learnt">The new samples that are learnt.</param>
/// <param name="Data">New samples with what is mixed in, and those held out.</param>
/// <param name="Adapter">The expert's configuration with the tokens that invoke it.</param>
internal sealed record TrainSet(string Digest, int Samples, int Dropped, IReadOnlyList<TokenizedSample> Learnt, TrainingData Data, LoraConfig Adapter)
{
    /// <summary>Reads the files.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <exception cref="InvalidDataException">Nothing is left to learn from, or a prompt does not invoke the expert.</exception>
    public static TrainSet Read(TrainOptions options, TextTokenizer tokenizer)
    {
        var split = new HeldOutSplit(options.HeldOutPercent);
        var tokens = new SampleTokenizer(
            new TextTokenSource(tokenizer),
            new TokenizeOptions { MaxTokens = options.Training.Context + 1, Loss = options.Data.Loss, Seed = (ulong)options.Training.Seed });
        var read = options.Data.Read(Console.Error.WriteLine);
        var pieces = Pieces(read.Samples);
        var samples = options.DropDuplicates ? DataDiversity.WithoutDuplicates(pieces, tokenizer, Console.Error.WriteLine) : pieces;
        var (learnt, heldOut) = Parts(samples, options.Data.Files);
        var report = tokens.Report;
        var mix = options.Mix;
        IReadOnlyList<TokenizedSample>[] replay = [.. mix.Replay.Select(file => ReplayReservoir.Keep(Path.GetFileName(file), Mixed([file]), mix.ReplaySamples, (ulong)options.Training.Seed))];
        var dreams = mix.Dreams.Count == 0 ? [] : Mixed(mix.Dreams);
        var measured = tokens.TokenizeAll(heldOut);
        var data = TrainingData.OfMix(learnt, replay, dreams, mix.Policy, measured, report);
        DataNotes.SayCut(Console.Error.WriteLine, options.Training.Context, tokens.Report.PromptsCut, tokens.Report.AnswersCut);
        var adapter = options.Invocation is { } text
            ? options.Adapter with { InvocationTokens = InvocationText.Encode(text, tokenizer, [.. learnt, .. replay.SelectMany(skill => skill), .. dreams, .. measured]) }
            : options.Adapter;
        return new TrainSet(read.Digest, samples.Count, pieces.Count - samples.Count, learnt, data, adapter);

        IReadOnlyList<TokenizedSample> Mixed(IReadOnlyList<string> files) => Parts(Pieces((options.Data with { Files = files }).Read(Console.Error.WriteLine).Samples), files).Learnt;

        IReadOnlyList<Sample> Pieces(IReadOnlyList<Sample> all) => [.. TextPieces.CutForContext(all, options.Training.Context)];

        (IReadOnlyList<TokenizedSample> Learnt, List<Sample> HeldOut) Parts(IReadOnlyList<Sample> all, IReadOnlyList<string> files)
        {
            var (train, kept, _) = split.Apply(all);
            return train.Count > 0
                ? (tokens.TokenizeAll(train), kept)
                : throw new InvalidDataException($"There is nothing to learn from in {string.Join(", ", files)}: there are {all.Count} samples and {kept.Count} of them are held out.");
        }
    }
}
