using System.Collections.Concurrent;
using System.Threading.Channels;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Answers requests. One thread owns the model; every turn of its loop lets go of what nobody waits for, reads a chunk of the
/// prompts that have a slot, and makes one pass over all rows that are being answered. Experts that are not in memory are read beside it.
/// </summary>
internal sealed class GenerationEngine : IDisposable
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(1);

    private readonly LoadedSet _set;
    private readonly EngineOptions _options;
    private readonly IEngineObserver _observer;
    private readonly TimeProvider _time;
    private readonly PromptQuestions _questions;
    private readonly ExpertRouting _routing;
    private readonly BankShelf _banks;
    private readonly PrefixCache _prefixes;
    private readonly RunningBatch _running;
    private readonly PromptReader _reader;
    private readonly TokenChooser _chooser;
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Action> _chores = new();
    private volatile Exception? _fault;
    private volatile bool _isStopping;
    private volatile bool _isResting;
    private long _turn;
    private EngineStatus _status = new(0, 0, 0, 0, 0, 0);

    /// <param name="set">What to serve; stays the caller's and must outlive the engine.</param>
    /// <param name="options">What to use.</param>
    /// <param name="observer">Sees it work.</param>
    /// <param name="time">The clock.</param>
    public GenerationEngine(LoadedSet set, EngineOptions options, IEngineObserver observer, TimeProvider time)
    {
        _set = set;
        _options = options;
        _observer = observer;
        _time = time;
        MaxContext = Math.Min(options.MaxContext ?? int.MaxValue, set.Model.Config.MaxPositions);
        MaxBatch = RowsWithin(options.CacheBytes);
        _routing = new ExpertRouting(set);
        _banks = new BankShelf(set.Pool, options.ExpertBytes);
        _prefixes = new PrefixCache(options.PrefixBytes);
        _running = new RunningBatch(set, _banks, MaxBatch, MaxContext);
        var parts = new EngineParts(set, options, _prefixes, _banks, _routing, observer, time);
        _reader = new PromptReader(parts, _running, MaxBatch, HasRoom, (sequence, error) => Fail([sequence], error), () => _work.Release());
        _questions = new PromptQuestions(parts, MaxBatch, HasRoom);
        _chooser = new TokenChooser(set.EndTokens, set.Texts);
        _turn = time.GetTimestamp();
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Longest prompt and answer together, in tokens.</summary>
    public int MaxContext { get; }

    /// <summary>Most sequences in one pass.</summary>
    public int MaxBatch { get; }

    /// <summary>Most sequences of one client that wait, and so of one request.</summary>
    public int MaxRequest => _reader.Queue.MostOfOne;

    /// <summary>Why the device does not work any more; null while it does.</summary>
    public Exception? Fault => _fault;

    /// <summary>What it is doing.</summary>
    public EngineStatus Status => Volatile.Read(ref _status) with { Waiting = _reader.Queue.Count };

    /// <summary>How long ago the loop last turned, while there is work; zero when there is none.</summary>
    public TimeSpan Stalled => _isResting || (Status is { Running: 0, Waiting: 0, Reading: 0 } && _questions.IsEmpty) ? TimeSpan.Zero : _time.GetElapsedTime(Volatile.Read(ref _turn));

    /// <summary>Takes in the sequences of one request, all or none.</summary>
    /// <param name="requests">The sequences.</param>
    /// <param name="client">Whose they are; clients are served in turn.</param>
    /// <param name="arrived">Timestamp of the request's arrival, which metrics count from: looking into the memory comes before this; now when null.</param>
    /// <exception cref="QueueFullException">There is no room.</exception>
    /// <exception cref="EngineStoppedException">The engine is stopping.</exception>
    public Generation Submit(IReadOnlyList<GenerationRequest> requests, string client, long? arrived = null)
    {
        var events = Channel.CreateUnbounded<SequenceEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = false });
        var submitted = arrived ?? _time.GetTimestamp();
        var siblings = Siblings.Among(requests);
        var sequences = requests
            .Select((request, index) => new Sequence(index, request, client, _set.Tokenizer.CreateDecoder(startOfText: false), events.Writer, submitted) { Siblings = siblings[index] })
            .ToArray();
        _reader.Queue.Add(sequences);
        _work.Release();
        return new Generation(sequences, events.Reader, () => _work.Release());
    }

    /// <summary>Where a prompt would go.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="QueueFullException">Too many others wait.</exception>
    public Task<RoutingDecision> Route(int[] prompt, string client, CancellationToken cancellation) =>
        Ask(prompt, client, reading => _routing.Decide(reading.Features(), ExpertChoice.Routed, prompt), cancellation);

    /// <summary>A prompt's features, F numbers.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="QueueFullException">Too many others wait.</exception>
    public Task<float[]> Features(int[] prompt, string client, CancellationToken cancellation) =>
        Ask(prompt, client, reading => reading.Features().cpu().data<float>().ToArray(), cancellation);

    /// <summary>Loss of an answer under the experts that the router chooses, in nats per token; an expert of the head takes no part.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="answer">Token ids; at least one. Both together fit the context.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="QueueFullException">Too many others wait.</exception>
    public async Task<double> Loss(int[] prompt, int[] answer, string client, CancellationToken cancellation)
    {
        var decision = await Route(prompt, client, cancellation).ConfigureAwait(false);
        var experts = await _set.Pool.AcquireAsync(decision.Used).ConfigureAwait(false);
        try
        {
            return await Ask(prompt, client, _ => AnswerLoss.Of(_set, _banks, prompt, answer, decision.Weights, _routing.StartsIn(prompt)), cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var expert in experts)
            {
                expert.Dispose();
            }
        }
    }

    /// <summary>How often kept prompts were let go of.</summary>
    public int Forgettings => _prefixes.Clears;

    /// <summary>Lets go of all prompts that are kept for others that begin alike.</summary>
    /// <param name="cancellation">Gives up.</param>
    public Task ForgetPrompts(CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _chores.Enqueue(() =>
        {
            _prefixes.Clear();
            done.TrySetResult();
        });
        _work.Release();
        return done.Task.WaitAsync(cancellation);
    }

    /// <summary>Ends what is being answered, and the thread.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _work.Release();
        _thread.Join();
        _reader.Dispose();
        _questions.Dispose();
        _running.Dispose();
        _prefixes.Dispose();
        _banks.Dispose();
        _work.Dispose();
    }

    private int RowsWithin(long bytes)
    {
        var row = RunningCache.ColumnsFor(MaxContext) * PromptCache.BytesPerToken(_set.Model.Config, _set.Model.DataType);
        return (int)Math.Clamp(bytes / row, 1, _options.MaxBatch);
    }

    private void Run()
    {
        using var _ = inference_mode();
        while (!_isStopping)
        {
            Volatile.Write(ref _turn, _time.GetTimestamp());
            RemoveCancelled();
            DoChores();
            AnswerQuestions();
            _reader.Read();
            Step();
            Report();
            if (IsIdle())
            {
                _running.Release();
                Report();

                // While experts are read the loop still turns, so that it does not look as if it hung.
                _isResting = !_reader.IsAwaiting;
                _work.Wait(_isResting ? Timeout.InfiniteTimeSpan : _longestWait);
                Volatile.Write(ref _turn, _time.GetTimestamp());
                _isResting = false;
            }
        }

        EndAll(new EngineStoppedException());
    }

    private bool IsIdle() => _running.Rows.Count == 0 && _reader.IsIdle && _questions.IsEmpty && _chores.IsEmpty && !_isStopping;

    // Prompts that are read side by side take what the running batch leaves of the memory for keys and values, or two of the longest where that is less:
    // a batch that has all of it would otherwise have every prompt wait for the one that is read.
    private bool HasRoom(int tokens)
    {
        var left = (_options.CacheBytes - _running.Cache.Bytes) / PromptCache.BytesPerToken(_set.Model.Config, _set.Model.DataType);
        return _reader.Tokens + _questions.Tokens + tokens <= Math.Max(left, 2L * MaxContext);
    }

    private void RemoveCancelled()
    {
        _reader.RemoveCancelled();
        foreach (var sequence in _running.Rows.Where(sequence => sequence.IsCancelled))
        {
            sequence.Finish(SequenceEnd.Cancelled);
        }

        _running.RemoveWhere(sequence => sequence.IsEnded);
    }

    private void DoChores()
    {
        while (_chores.TryDequeue(out var chore))
        {
            chore();
        }
    }

    private Task<T> Ask<T>(int[] prompt, string client, Func<PromptReading, T> find, CancellationToken cancellation)
    {
        var answer = _questions.Ask(prompt, client, find, cancellation);
        _work.Release();
        return answer;
    }

    private void AnswerQuestions()
    {
        if (_questions.Advance() is { } error)
        {
            Probe(error);
        }
    }

    private void Step()
    {
        if (_running.Rows.Count == 0)
        {
            return;
        }

        var rows = _running.Rows.ToArray();
        var before = Array.ConvertAll(rows, row => row.Generated.Count);
        try
        {
            foreach (var (row, isFinite) in _running.Step(_chooser))
            {
                Fail([row], isFinite ? new FormImpossibleException() : new ScoresNotFiniteException([.. _set.Experts.Where((_, expert) => row.Weights[expert] != 0).Select(expert => expert.Member.Name)]));
            }

            _running.RemoveWhere(row => row.IsEnded);
        }
        catch (Exception error)
        {
            Fail(rows, error);
            _running.Abandon();
        }

        _observer.Stepped(rows.Length, _running.ExpertsInUse);
        foreach (var (row, _) in rows.Zip(before).Where(each => each.First.Generated.Count > each.Second))
        {
            Time(row);
        }
    }

    private void Time(Sequence row)
    {
        var now = _time.GetTimestamp();
        if (row.LastToken == 0)
        {
            _observer.FirstToken(row, _time.GetElapsedTime(row.Submitted, now));
        }
        else
        {
            _observer.NextToken(row, _time.GetElapsedTime(row.LastToken, now));
        }

        row.LastToken = now;
    }

    private void Fail(Sequence[] sequences, Exception error)
    {
        foreach (var sequence in sequences)
        {
            sequence.Fail(error);
        }

        _observer.Failed(error, sequences.Length);
        Probe(error);
    }

    // A fault that outlives the pass would fail all others, too, each within milliseconds, while everything looks well from outside.
    private void Probe(Exception error)
    {
        if (error is not ExpertLostException && _options.ProbeDevice(_set.Model.Device) is { } fault)
        {
            _fault = fault;
        }
    }

    private void EndAll(Exception error)
    {
        _reader.Close(error);
        foreach (var row in _running.Rows)
        {
            row.Fail(error);
        }

        _questions.Close(error);
        DoChores();
    }

    private void Report() => Volatile.Write(ref _status, new EngineStatus(
        _running.Rows.Count, 0, _reader.Count + _questions.Reading, _running.Cache.Tokens, _running.Cache.Bytes, _prefixes.Bytes));
}

/// <summary>What an engine is doing.</summary>
/// <param name="Running">Sequences that are being answered.</param>
/// <param name="Waiting">Sequences that wait.</param>
/// <param name="Reading">Prompts that are being read, or whose experts are.</param>
/// <param name="CacheTokens">Tokens of the running batch.</param>
/// <param name="CacheBytes">Bytes of its keys and values.</param>
/// <param name="PrefixBytes">Bytes of prompts that are kept.</param>
internal sealed record EngineStatus(int Running, int Waiting, int Reading, long CacheTokens, long CacheBytes, long PrefixBytes);
