using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A night as a file of JSON lines: the first has its memories with their edges, each that follows one dream. Dreams are written as the night goes on, so one that was
/// killed goes on after the last, over the very same memories. Memories that are episodes are there by name, without their text; prompts of dreams may hold
/// their questions, in part or whole.
/// </summary>
public sealed class DreamJournal
{
    private const int CurrentFormat = 2;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly string _path;
    private readonly List<Dream> _dreams;

    private DreamJournal(string path, Beginning beginning, List<Dream> dreams, Func<string, Sample?> episode)
    {
        (_path, _dreams) = (path, dreams);
        try
        {
            Graph = new MemoryGraph([.. beginning.Memories.Select(memory => memory.Node(episode) ?? throw Gone(path))], beginning.Edges);
        }
        catch (ArgumentException error)
        {
            throw Damaged(path, 0, error.Message, error);
        }
    }

    /// <summary>The memories of the night.</summary>
    public MemoryGraph Graph { get; }

    /// <summary>The dreams that were written, in order.</summary>
    public IReadOnlyList<Dream> Dreams => _dreams;

    /// <summary>Goes on with a night, or begins one.</summary>
    /// <param name="path">The file; made when it is not there.</param>
    /// <param name="identity">Everything that decides what is dreamt, in one line.</param>
    /// <param name="remember">The memories of a night that begins.</param>
    /// <param name="episode">Finds an episode's text by its name, null when it is gone; needed where episodes are among the memories.</param>
    /// <exception cref="DreamJournalException">The file is of another night, is damaged, or has an episode that is gone.</exception>
    public static DreamJournal Open(string path, string identity, Func<MemoryGraph> remember, Func<string, Sample?>? episode = null)
    {
        ArgumentNullException.ThrowIfNull(remember);
        episode ??= _ => null;
        if (!File.Exists(path))
        {
            var beginning = Beginning.Of(identity, remember());
            AtomicFile.WriteText(path, Line(beginning));
            return new DreamJournal(path, beginning, [], episode);
        }

        var (found, dreams, bytes) = Parse(path);
        if (found.Identity != identity)
        {
            throw new DreamJournalException($"{path} has the dreams of another night: of another expert, other data, options or critics. Remove it, or name another place.");
        }

        // A line that was cut off is dreamt again.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.SetLength(bytes);
        return new DreamJournal(path, found, dreams, episode);
    }

    /// <summary>Reads a night to look at it; nothing is changed, and episodes have no text.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DreamJournalException">The file is damaged, or no journal.</exception>
    public static DreamJournal Read(string path)
    {
        var (beginning, dreams, _) = Parse(path);
        return new DreamJournal(path, beginning, dreams, _ => Sample.Pair("", ""));
    }

    /// <summary>Writes dreams, in one piece and to the disk.</summary>
    /// <param name="dreams">The dreams that follow.</param>
    public void Write(IReadOnlyCollection<Dream> dreams)
    {
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(string.Concat(dreams.Select(Line))));
        file.Flush(flushToDisk: true);
        _dreams.AddRange(dreams);
    }

    private static (Beginning Beginning, List<Dream> Dreams, int Bytes) Parse(string path)
    {
        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        var lines = whole.Split('\n')[..^1];
        if (lines.Length == 0 || Parsed<Beginning>(path, lines, 0) is not { Format: CurrentFormat } beginning)
        {
            throw new DreamJournalException($"{path} is no journal of dreams in format {CurrentFormat}.");
        }

        var dreams = Enumerable.Range(1, lines.Length - 1).Select(line => Parsed<Dream>(path, lines, line)).ToList();
        foreach (var (number, dream) in dreams.Index())
        {
            if (dream.Number != number || dream.Walk.Concat(dream.Collision).Any(memory => memory < 0 || memory >= beginning.Memories.Count))
            {
                throw Damaged(path, number + 1, $"expected dream {number} over {beginning.Memories.Count} memories, found dream {dream.Number}");
            }
        }

        return (beginning, dreams, Encoding.UTF8.GetByteCount(whole));
    }

    private static T Parsed<T>(string path, string[] lines, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(lines[line], _json) ?? throw new JsonException("expected an object, found null");
        }
        catch (JsonException error)
        {
            throw Damaged(path, line, error.Message, error);
        }
    }

    private static DreamJournalException Damaged(string path, int line, string problem, Exception? inner = null) =>
        new($"{path}, line {line + 1}, is damaged: {problem}. Remove the file to dream anew.", inner);

    private static DreamJournalException Gone(string path) => new($"{path} remembers an episode that is in no memory any more. Remove the file to dream anew.");

    private static string Line<T>(T value) => JsonSerializer.Serialize(value, _json) + "\n";

    private sealed record Beginning(int Format, string Identity, IReadOnlyList<Memory> Memories, IReadOnlyList<MemoryEdge> Edges)
    {
        public static Beginning Of(string identity, MemoryGraph graph) => new(CurrentFormat, identity, [.. graph.Nodes.Select(Memory.Of)], graph.Edges);
    }

    private sealed record Memory(string Skill, string Prompt, string Answer, double Strength, double Recency, double Uncertainty)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Episode { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<ChatMessage>? Messages { get; init; }

        /// <summary>Whether an episode was asked in a chat.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsChat { get; init; }

        [JsonIgnore]
        private Sample Said => new DreamtAnswer(Prompt, Answer) { Messages = Messages }.Sample;

        public static Memory Of(MemoryNode node) => node.Episode is null
            ? new(node.Skill, node.Sample.Prompt, node.Sample.Answer, node.Strength, node.Recency, node.Uncertainty) { Messages = node.Sample.Conversation?.Messages }
            : new(node.Skill, "", "", node.Strength, node.Recency, node.Uncertainty) { Episode = node.Episode, IsChat = node.Sample.Conversation is not null };

        public MemoryNode? Node(Func<string, Sample?> episode) => (Episode is null ? Said : AsAsked(episode(Episode))) is { } sample
            ? new MemoryNode(Skill, sample, Strength, Recency, Uncertainty) { Episode = Episode }
            : null;

        // Who reads a night without its episodes' texts still knows which were chats.
        private Sample? AsAsked(Sample? told) =>
            told is { Conversation: null } && IsChat ? Sample.Chat(new Conversation(new ChatMessage("user", told.Prompt)), told.Answer) : told;
    }
}

/// <summary>A journal of dreams that cannot be used.</summary>
/// <param name="message">Where, why and what to do.</param>
/// <param name="inner">What it comes from.</param>
public sealed class DreamJournalException(string message, Exception? inner = null) : Exception(message, inner);
