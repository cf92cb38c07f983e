using System.Buffers;
using System.Text;
using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Core.Tokenization.Chat.Templates;
using DyLoraMoe.Core.Tokenization.Loading;
using DyLoraMoe.Core.Tokenization.Normalization;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>
/// Text to token ids and back, exactly as a Hugging Face folder says. Safe to use from several threads.
/// Decoding gives back every encoded text, unless the folder's own normalizer changes it (NFC, lower case and the like).
/// </summary>
public sealed class TextTokenizer
{
    private readonly TokenizerParts _parts;
    private readonly BytePairTokenizer _model;
    private readonly AddedTokenSet _anyTokens;
    private readonly AddedTokenSet _tokensInPlainText;
    private readonly AddedTokenSet _tokensInAnswers;
    private readonly AddedTokenMatcher _written;
    private readonly AddedTokenMatcher _answered;
    private readonly Dictionary<string, int> _ids = [];
    private readonly Lazy<ChatTemplate> _chat;
    private readonly Lazy<int?> _endOfTurn;

    internal TextTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _model = new BytePairTokenizer(parts.Model, parts.Tokens, parts.Normalizer, parts.PreTokenizer);
        for (var id = parts.Tokens.Count - 1; id >= 0; id--)
        {
            if (parts.Tokens.Text(id) is { } text)
            {
                _ids[text] = id;
            }
        }

        SpecialTokens = parts.AddedTokens.Where(token => token.Special).DistinctBy(token => token.Content).ToDictionary(token => token.Content, token => token.Id);
        (string Name, string Text)? chat = parts.ChatTemplate is { } own ? ("jinja", own) : UsualTemplates.Find(_ids.ContainsKey);
        _chat = new Lazy<ChatTemplate>(() => chat is var (name, text) ? new ChatTemplate(name, text, parts.TemplateTokens, IsAdded) : throw new NotSupportedException(UsualTemplates.Missing));
        _endOfTurn = new Lazy<int?>(FindEndOfTurn);
        MarkerRules rules = new(parts.AddedTokens, chat?.Text);
        var open = parts.AddedTokens.Where(token => !IsControl(token)).ToList();
        _anyTokens = AddedTokenSet.Of(parts, parts.AddedTokens);
        _tokensInPlainText = AddedTokenSet.Of(parts, open.Where(token => !rules.IsProtected(token)));
        _tokensInAnswers = AddedTokenSet.Of(parts, open.Where(token => !rules.IsProtected(token) || rules.IsOfAnswers(token)));
        _written = AddedTokenSet.Literal(parts, parts.AddedTokens);
        _answered = AddedTokenSet.Literal(parts, open.Where(rules.IsOfAnswers));
    }

    /// <summary>One more than the largest id; a model's embedding may have more rows.</summary>
    public int VocabularySize => _parts.Tokens.Count;

    /// <summary>The id that begins a text, where there is one.</summary>
    public int? BosId => _parts.BosId;

    /// <summary>The main id that ends a text, where there is one.</summary>
    public int? EosId => _parts.EosIds.Count > 0 ? _parts.EosIds[0] : null;

    /// <summary>Every id at which generation ends, <see cref="EosId"/> first.</summary>
    public IReadOnlyList<int> EosIds => _parts.EosIds;

    /// <summary>The id that ends an answer in a conversation, as the chat template writes it; <see cref="EosId"/> where it writes none at which generation ends.</summary>
    public int? EndOfTurnId => _endOfTurn.Value;

    /// <summary>The id that fills up a batch, where there is one.</summary>
    public int? PadId => _parts.PadId;

    /// <summary>The id for what has none, where there is one.</summary>
    public int? UnknownId => _parts.UnknownId;

    /// <summary>Text and id of every special token.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>The folder's chat template as written, or null.</summary>
    public string? ChatTemplateText => _parts.ChatTemplate;

    /// <summary>How conversations are written for this tokenizer's model.</summary>
    /// <exception cref="NotSupportedException">There is no template, or it holds something that is not supported; the message names it and its line.</exception>
    public ChatTemplate ChatTemplate => _chat.Value;

    /// <summary>The same model without added tokens, for code that takes any <see cref="Tokenizer"/>.</summary>
    public Tokenizer Model => _model;

    /// <summary>
    /// Loads what a Hugging Face folder holds: <c>tokenizer.json</c>, else <c>tokenizer.model</c>, else
    /// <c>vocab.json</c> with <c>merges.txt</c>, and the settings beside them.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">There is none of these files.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="NotSupportedException">A file asks for something that is not supported; the message names it.</exception>
    public static TextTokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Loads one <c>tokenizer.json</c>, <c>tokenizer.model</c> or <c>vocab.json</c> (with <c>merges.txt</c> beside it), and the settings beside it.</summary>
    /// <param name="file">The file.</param>
    /// <inheritdoc cref="Load" path="/exception" />
    public static TextTokenizer LoadFile(string file) => TokenizerFolder.LoadFile(file);

    /// <summary>Encodes a text.</summary>
    /// <param name="text">Any text; an unpaired surrogate counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">Puts the ids in front and behind that the folder asks for, such as the beginning of text.</param>
    /// <param name="parseSpecialTokens">Whether the text of a special token becomes that token; pass false for text from outside.</param>
    public int[] Encode(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new((text.Length / 3) + 8);
        if (addSpecialTokens)
        {
            ids.AddRange(_parts.Prefix);
        }

        Append(WellFormed(text), StretchStart.Text, parseSpecialTokens ? _anyTokens : _tokensInPlainText, ids);
        if (addSpecialTokens)
        {
            ids.AddRange(_parts.Suffix);
        }

        return [.. ids];
    }

    /// <summary>
    /// Encodes a text that continues another, as an answer continues a prompt: nothing is put in front of it, no id and not the space
    /// of Llama 2's kind of tokenizer. A decoder gives it back that knows the same, <c>CreateDecoder(startOfText: false)</c>.
    /// </summary>
    /// <param name="text">Any text; an unpaired surrogate counts as U+FFFD.</param>
    /// <param name="parseSpecialTokens">Whether the text of a special token becomes that token; pass false for text from outside.</param>
    public int[] EncodeContinuation(string text, bool parseSpecialTokens = true)
        => EncodeContinuation(text, parseSpecialTokens ? _anyTokens : _tokensInPlainText);

    /// <summary>
    /// Encodes an answer that a model learns, as <see cref="EncodeContinuation(string, bool)"/> does. Tags in pairs that the model has tokens
    /// for, such as <c>&lt;think&gt;</c>, become these even where the chat template writes them; special tokens stay text.
    /// </summary>
    /// <param name="text">Any text; an unpaired surrogate counts as U+FFFD.</param>
    public int[] EncodeAnswer(string text) => EncodeContinuation(text, _tokensInAnswers);

    /// <summary>How many ids a text takes.</summary>
    /// <inheritdoc cref="Encode" path="/param" />
    public int CountTokens(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true)
        => Encode(text, addSpecialTokens, parseSpecialTokens).Length;

    /// <summary>
    /// Encodes a conversation. The template's markers become special tokens; nothing in a message's content does. Marks within an earlier
    /// answer, such as <c>&lt;think&gt;</c>, are the tokens that they were when it was given.
    /// </summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Ends with the beginning of an answer, for the model to go on from.</param>
    /// <param name="clock">Tells the date to a template that states it; null gives 26 July 2024, so that prompts are the same every day.</param>
    /// <exception cref="NotSupportedException">There is no template, or it holds something that is not supported; the message names it and its line.</exception>
    /// <exception cref="ArgumentException">The conversation does not fit the template.</exception>
    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true, TimeProvider? clock = null)
    {
        List<int> ids = [];
        StringBuilder plain = new();
        foreach (var (text, origin) in ChatTemplate.Write(messages, addGenerationPrompt, clock))
        {
            foreach (var (start, end, token) in origin switch
            {
                TextOrigin.Template => _written.Cut(text),
                TextOrigin.Answer => _answered.Cut(text),
                _ => [(0, text.Length, null)],
            })
            {
                if (token is null)
                {
                    plain.Append(text, start, end - start);
                    continue;
                }

                AppendPlain(plain, ids);
                ids.Add(token.Id);
            }
        }

        AppendPlain(plain, ids);
        return ids.Count > 0 ? [.. ids] : throw new ArgumentException("The chat template writes nothing for this conversation; it may need a message of the user.", nameof(messages));
    }

    private int? FindEndOfTurn()
    {
        ChatMessage asked = new("user", "a");
        var (before, whole) = (EncodeChat([asked], addGenerationPrompt: false), EncodeChat([asked, new("assistant", "b")], addGenerationPrompt: false));
        var last = Array.FindLastIndex(whole, id => EosIds.Contains(id));
        return last >= before.Length ? whole[last] : EosId;
    }

    /// <summary>Decodes ids; one without a token adds nothing, and bytes that are no character become U+FFFD.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var tokens = Bytes(skipSpecialTokens, startOfText: true);
        ArrayBufferWriter<byte> bytes = new();
        foreach (var id in ids)
        {
            bytes.Write(tokens.Next(id));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes that a token stands for within a text, a special token's included; they may be a part of a character.</summary>
    /// <param name="id">A token id; one without a token has none.</param>
    public byte[] BytesOf(int id) => Bytes(skipSpecialTokens: false, startOfText: false).Next(id).ToArray();

    /// <summary>A decoder for ids that come one by one.</summary>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <param name="startOfText">
    /// False when the ids continue a text, as an answer continues a prompt: then a leading space that
    /// Llama 2's kind of tokenizer takes off at the start of a text is kept.
    /// </param>
    public IncrementalDecoder CreateDecoder(bool skipSpecialTokens = true, bool startOfText = true)
        => new(Bytes(skipSpecialTokens, startOfText));

    /// <summary>A token as the vocabulary writes it, or null when the id has none.</summary>
    /// <param name="id">The id.</param>
    public string? TokenText(int id) => _parts.Tokens.Text(id);

    /// <summary>The id of a token as the vocabulary writes it, or null.</summary>
    /// <param name="token">The token.</param>
    public int? TokenId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Half a surrogate pair is no text; it becomes U+FFFD, as it does in UTF-8.</summary>
    private static string WellFormed(string text)
    {
        for (var at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(text[at]))
            {
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }

    private bool IsAdded(string text) => _parts.AddedTokens.Any(token => token.Content == text);

    /// <summary>Tokens that not even an answer may reach: special ones and those that begin or end a text.</summary>
    private bool IsControl(AddedToken token) => token.Special || token.Id == _parts.BosId || _parts.EosIds.Contains(token.Id);

    private int[] EncodeContinuation(string text, AddedTokenSet tokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new((text.Length / 3) + 8);
        Append(WellFormed(text), StretchStart.Continuation, tokens, ids);
        return [.. ids];
    }

    private TokenBytes Bytes(bool skipSpecialTokens, bool startOfText)
        => new(_parts.Tokens, skipSpecialTokens, _parts.StripSpace, _parts.StripCount, startOfText);

    private void AppendPlain(StringBuilder plain, List<int> ids)
    {
        if (plain.Length > 0)
        {
            Append(WellFormed(plain.ToString()), ids.Count == 0 ? StretchStart.Text : StretchStart.AddedToken, _tokensInPlainText, ids);
            plain.Clear();
        }
    }

    private void Append(string text, StretchStart first, AddedTokenSet tokens, List<int> ids)
    {
        foreach (var (start, end, token) in tokens.AsGiven.Cut(text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
            }
            else
            {
                AppendStretch(end - start == text.Length ? text : text[start..end], start == 0 ? first : StretchStart.AddedToken, tokens.Normalized, ids);
            }
        }
    }

    private void AppendStretch(string stretch, StretchStart first, AddedTokenMatcher? matcher, List<int> ids)
    {
        if (_parts.Model.KeepsLiteralMarkers)
        {
            stretch = stretch.Replace(SpaceMarker.LowerBlock, BytePairModel.LiteralMarker);
        }

        var normalizer = first == StretchStart.Continuation ? _parts.ContinuationNormalizer : _parts.Normalizer;
        var normalized = normalizer?.Normalize(stretch) ?? stretch;
        foreach (var (start, end, token) in matcher?.Cut(normalized) ?? [(0, normalized.Length, null)])
        {
            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }

            var part = end - start == normalized.Length ? normalized : normalized[start..end];
            _model.EncodeNormalized(_parts.Marker?.Apply(part, start == 0 ? first : StretchStart.AddedToken) ?? part, ids);
        }
    }
}
