using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>Turns samples into what a stream holds, within one row's length.</summary>
/// <param name="tokenizer">The backbone's tokenizer.</param>
/// <param name="rowLength">Positions of a row.</param>
internal sealed class SampleCase(TextTokenizer tokenizer, int rowLength)
{
    private readonly TextTokenSource _source = new(tokenizer);

    /// <summary>Every sample as ids; one that is too long would lose part of itself and must not be here.</summary>
    public IReadOnlyList<TokenizedSample> Tokenize(IReadOnlyList<Sample> samples)
    {
        var all = new SampleTokenizer(_source, Options).TokenizeAll(samples);
        return all.Count == samples.Count && all.TrueForAll(sample => sample.Positions <= rowLength)
            ? all
            : throw new InvalidOperationException($"Expected {samples.Count} samples of at most {rowLength} positions, found {all.Count} of up to {all.Max(sample => sample.Positions)}.");
    }

    /// <summary>The samples that fit whole, plain texts cut to fit.</summary>
    public List<Sample> Fitting(IEnumerable<Sample> samples) => [.. samples.Where(sample => Length(sample) + 2 <= rowLength)];

    /// <summary>The test of a skill.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="samples">What is scored.</param>
    /// <param name="isCorrect">Whether an answer is right; null where there is nothing but the loss.</param>
    /// <param name="alsoRouted">What is routed besides; routing a prompt is cheap.</param>
    /// <param name="generatesAtEnds">Whether answers are generated only before the first and after the last visit.</param>
    public SkillTest Test(string skill, IReadOnlyList<Sample> samples, Func<Sample, string, bool>? isCorrect, IReadOnlyList<Sample>? alsoRouted = null, bool generatesAtEnds = false)
    {
        var tokens = Tokenize(samples);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var sample in tokens)
        {
            hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[sample.Ids.Length, sample.AnswerStart]));
            hash.AppendData(MemoryMarshal.AsBytes(sample.Ids.AsSpan()));
        }

        return new SkillTest
        {
            Skill = skill,
            Samples = samples,
            Tokens = tokens,
            Routed = alsoRouted is null ? tokens : [.. tokens, .. Tokenize(alsoRouted)],
            IsCorrect = isCorrect,
            GeneratesAtEnds = generatesAtEnds,
            Digest = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    private int Length(Sample sample) => sample.IsPlainText
        ? _source.Encode(sample.Answer, addSpecialTokens: false).Length
        : _source.Encode(sample.Prompt, addSpecialTokens: false).Length + _source.EncodeAnswer(sample.Answer).Length;

    private TokenizeOptions Options => new() { MaxTokens = rowLength + 1, Loss = LossOn.Answer };
}
