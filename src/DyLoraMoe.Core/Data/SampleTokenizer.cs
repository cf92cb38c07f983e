namespace DyLoraMoe.Core.Data;

/// <summary>
/// Turns samples into ids. Prompt and answer are encoded apart, so that the prompt's ids in training are those of serving; of a conversation
/// they are what the model's chat template writes.
/// A pair that is too long keeps its answer and loses the left of its prompt; a plain text that is too long becomes several
/// consecutive windows. Not thread-safe: the report counts what passed through.
/// </summary>
public sealed class SampleTokenizer
{
    private readonly ITokenSource _tokens;
    private readonly TokenizeOptions _options;

    /// <summary>A tokenizer of samples.</summary>
    public SampleTokenizer(ITokenSource tokens, TokenizeOptions options)
    {
        options.Validate();
        _tokens = tokens;
        _options = options;
    }

    /// <summary>Counts of everything tokenised so far.</summary>
    public TokenizeReport Report { get; private set; } = new();

    /// <summary>Tokenises every sample, in order.</summary>
    public List<TokenizedSample> TokenizeAll(IEnumerable<Sample> samples) => [.. samples.SelectMany(Tokenize)];

    /// <summary>Tokenises one sample: one result for a pair or a chat, one or more for a plain text, none when there is nothing to predict.</summary>
    /// <exception cref="InvalidDataException">The sample is a chat, and the model has no chat template for it.</exception>
    public IReadOnlyList<TokenizedSample> Tokenize(Sample sample)
    {
        Report = Report with { Samples = Report.Samples + 1 };
        var results = sample.IsPlainText ? TokenizeText(sample.Answer) : TokenizePair(sample);
        foreach (var result in results)
        {
            Report = Report with
            {
                Produced = Report.Produced + 1,
                Tokens = Report.Tokens + result.Ids.Length,
                LossTokens = Report.LossTokens + result.LossTokens,
            };
        }

        if (results.Count == 0)
        {
            Report = Report with { WithoutPrediction = Report.WithoutPrediction + 1 };
        }

        return results;
    }

    private IReadOnlyList<TokenizedSample> TokenizePair(Sample sample)
    {
        // A chat template writes the beginning itself, where there is one.
        var begin = sample.Conversation is null ? Begin() : [];
        var prompt = (sample.Conversation is { } chat ? Encode(chat) : _tokens.Encode(sample.Prompt, addSpecialTokens: false)).AsSpan();
        var answer = _tokens.EncodeAnswer(sample.Answer);
        ReadOnlySpan<int> reply = [.. answer, .. End(sample.Conversation is null ? _tokens.EosId : _tokens.EndOfTurnId)];

        var room = _options.MaxTokens - begin.Length;
        var promptFloor = Math.Min(prompt.Length, Math.Min(_options.MinPromptTokens, room / 2));
        if (reply.Length > room - promptFloor)
        {
            reply = reply[..(room - promptFloor)];
            Report = Report with { AnswersCut = Report.AnswersCut + 1 };
        }

        if (prompt.Length > room - reply.Length)
        {
            prompt = prompt[^(room - reply.Length)..];
            Report = Report with { PromptsCut = Report.PromptsCut + 1 };
        }

        int[] ids = [.. begin, .. prompt, .. reply];
        return ids.Length < 2 ? [] : [Describe(ids, begin.Length + prompt.Length)];
    }

    private int[] Encode(Conversation chat)
    {
        try
        {
            return _tokens.EncodeChat(chat.Messages);
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"A sample is a chat ({Shortened(chat.Text)}), and it cannot be written for this model: {error.Message}", error);
        }
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private List<TokenizedSample> TokenizeText(string text)
    {
        int[] ids = [.. Begin(), .. _tokens.Encode(text, addSpecialTokens: false), .. End(_tokens.EosId)];
        var results = new List<TokenizedSample>();
        var begin = Begin().Length;
        var random = new SeededRandom(_options.Seed, SeededRandom.Key(text));

        // Consecutive windows share one id: the last one predicted is the next window's first input, so every id is predicted once.
        for (var start = 0; start < ids.Length - 1; start += _options.MaxTokens - 1)
        {
            var window = ids[start..Math.Min(ids.Length, start + _options.MaxTokens)];
            var first = Math.Min(start == 0 ? begin + 1 : 1, window.Length - 1);
            results.Add(Describe(window, random.Between(first, window.Length - 1)));
        }

        if (results.Count > 1)
        {
            Report = Report with { TextsWindowed = Report.TextsWindowed + 1 };
        }

        return results;
    }

    private TokenizedSample Describe(int[] ids, int answerStart) => new(
        ids,
        answerStart,
        LossStart: _options.Loss == LossOn.Answer ? answerStart : 0,
        InvocationStart: Math.Max(0, answerStart - _options.InvocationLead));

    private int[] Begin() => _options.AddBos && _tokens.BosId is { } id ? [id] : [];

    private int[] End(int? end) => _options.AppendEos && end is { } id ? [id] : [];
}
