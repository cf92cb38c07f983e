using System.Collections.Concurrent;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Tests.Engine;

/// <summary>Short ways to run an engine.</summary>
internal static class Engines
{
    public static GenerationEngine Over(LoadedSet set, EngineOptions? options = null, IEngineObserver? observer = null, TimeProvider? time = null) =>
        new(set, options ?? new EngineOptions(), observer ?? new Silent(), time ?? TimeProvider.System);

    public static GenerationRequest Ask(LoadedSet set, string prompt, ExpertChoice? choice = null, int tokens = 12, Func<SamplingSettings, SamplingSettings>? change = null)
    {
        var settings = new SamplingSettings { MaxTokens = tokens, Temperature = 0, IgnoresEnd = true };
        return new GenerationRequest(set.Tokenizer.Encode(prompt), change?.Invoke(settings) ?? settings, choice ?? ExpertChoice.Routed);
    }

    /// <summary>Everything that comes of requests which are sent together.</summary>
    public static async Task<IReadOnlyList<Answer>> RunAsync(GenerationEngine engine, params IReadOnlyList<GenerationRequest> requests)
    {
        using var generation = engine.Submit(requests, "test");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answers = requests.Select(_ => new Answer()).ToArray();
        await foreach (var happened in generation.Events(limit.Token))
        {
            switch (happened)
            {
                case SequenceRouted routed:
                    (answers[routed.Index].Decision, answers[routed.Index].Cached) = (routed.Decision, routed.CachedTokens);
                    break;
                case SequenceToken token:
                    answers[token.Index].Text += token.Text;
                    break;
                case SequenceFinished finished:
                    answers[finished.Index].Text += finished.Text;
                    answers[finished.Index].End = finished.Reason;
                    break;
                case SequenceFailed failed:
                    throw new InvalidOperationException("The engine failed.", failed.Error);
            }
        }

        return answers;
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    internal sealed class Answer
    {
        public string Text { get; set; } = "";

        public SequenceEnd? End { get; set; }

        public RoutingDecision? Decision { get; set; }

        public int Cached { get; set; }
    }

    /// <summary>
    /// Holds the engine at the first prompt that was read until it is let go, so that a test decides what waits then; and tells in which order the others were read.
    /// </summary>
    internal sealed class Gate : IEngineObserver, IDisposable
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly ManualResetEventSlim _reached = new();
        private readonly List<string> _read = [];

        /// <summary>Whose prompts were read after the first one, in their order.</summary>
        public IReadOnlyList<string> Read
        {
            get
            {
                lock (_read)
                {
                    return [.. _read.Skip(1)];
                }
            }
        }

        /// <summary>Which of their request's sequences got tokens, one by one.</summary>
        public ConcurrentQueue<int> Tokens { get; } = [];

        /// <summary>Starts a sequence that holds the engine.</summary>
        public Generation Hold(GenerationEngine engine, GenerationRequest request)
        {
            var first = engine.Submit([request], "gate");
            Assert.True(_reached.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            return first;
        }

        /// <summary>Lets the engine go on.</summary>
        public void Open() => _open.Set();

        public void PromptRead(Sequence sequence, RoutingDecision decision, int cachedTokens, TimeSpan waited)
        {
            lock (_read)
            {
                _read.Add(sequence.Client);
            }

            _reached.Set();
            _open.Wait(TimeSpan.FromSeconds(60));
        }

        public void FirstToken(Sequence sequence, TimeSpan sinceArrival) => Tokens.Enqueue(sequence.Index);

        public void NextToken(Sequence sequence, TimeSpan sinceLast) => Tokens.Enqueue(sequence.Index);

        public void Stepped(int rows, int experts)
        {
        }

        public void Failed(Exception error, int sequences)
        {
        }

        public void Dispose()
        {
            _open.Set();
            _open.Dispose();
            _reached.Dispose();
        }
    }

    private sealed class Silent : IEngineObserver
    {
        public void PromptRead(Sequence sequence, RoutingDecision decision, int cachedTokens, TimeSpan waited)
        {
        }

        public void FirstToken(Sequence sequence, TimeSpan sinceArrival)
        {
        }

        public void NextToken(Sequence sequence, TimeSpan sinceLast)
        {
        }

        public void Stepped(int rows, int experts)
        {
        }

        public void Failed(Exception error, int sequences)
        {
        }
    }
}
