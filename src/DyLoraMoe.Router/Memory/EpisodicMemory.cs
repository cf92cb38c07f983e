using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Endpoints;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Memory;

/// <summary>
/// Keeps verdicts as episodes and gives them to the requests that they concern, from the next one on. The same question again gets the
/// answer itself, which asks nothing of the model; a question that is like others gets those with their answers in its context.
/// </summary>
internal sealed partial class EpisodicMemory(MemoryOptions options, EpisodeStore store, RouterMetrics metrics, TimeProvider time, ILogger<EpisodicMemory> log)
{
    // Beyond this, judging an answer would hold up the others for longer than a few steps.
    private const int MostScoredTokens = 512;

    private readonly Lock _lock = new();
    private (string Space, EpisodeRetrieval Retrieval)? _retrieval;

    public EpisodeStore Store => store;

    /// <summary>Keeps a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="served">What is served; null while it is being loaded.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">It is too large to be kept.</exception>
    public async Task<Episode> RememberAsync(Verdict verdict, ServedSet? served, string client, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var episode = new Episode
        {
            Id = Episode.IdOf(verdict.Owner, verdict.User, verdict.Question),
            Owner = verdict.Owner,
            User = verdict.User,
            Prompt = verdict.Question,
            IsChat = verdict.IsChat,
            Answer = verdict.Answer,
            Origin = verdict.Origin,
            AnswerId = verdict.AnswerId,
            First = now,
            Time = now,
        };
        var kept = store.Remember(served is null ? episode : await DescribeAsync(episode, served, client, cancellation).ConfigureAwait(false));
        metrics.Remembered();
        return kept;
    }

    /// <summary>A plan with what the memory adds to its prompts; as it is when the folder cannot be read, which is no reason not to answer.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="served">What is served.</param>
    /// <param name="questions">What each prompt asks.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<GenerationPlan> RecallAsync(GenerationPlan plan, ServedSet served, IReadOnlyList<PromptQuestion> questions, Asker asker, CancellationToken cancellation)
    {
        try
        {
            var found = new List<Recollection>(plan.Prompts.Count);
            for (var at = 0; at < plan.Prompts.Count; at++)
            {
                found.Add(await RecallAsync(plan, at, served, questions[at], asker, cancellation).ConfigureAwait(false));
            }

            return plan.With(found, served.Engine.MaxContext);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogFailed(error.Message);
            return plan;
        }
    }

    /// <summary>Counts an episode's part in an answer.</summary>
    /// <param name="recollection">What was recalled for a prompt that the engine has taken in.</param>
    public void Count(Recollection recollection)
    {
        metrics.Recalled(recollection.Use, recollection.Episodes.Count);
        try
        {
            foreach (var hit in recollection.Episodes)
            {
                store.Use(hit.Episode.Id);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A volume that is full still says what it has.
            LogUncounted(error.Message);
        }
    }

    /// <summary>An episode with what it is like to a set; one whose question is longer than the context has no features.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="served">The set.</param>
    /// <param name="client">Whose turn it takes.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<Episode> DescribeAsync(Episode episode, ServedSet served, string client, CancellationToken cancellation)
    {
        var set = served.Set;
        var prompt = PromptQuestion.IdsOf(set.Tokenizer, episode.Prompt);
        var answer = set.Tokenizer.EncodeAnswer(EpisodeContext.AnswerTo(episode.Prompt, episode.Answer));
        if (prompt.Length > served.Engine.MaxContext)
        {
            return episode with { Set = set.Revision };
        }

        var features = await served.Engine.Features(prompt, client, cancellation).ConfigureAwait(false);
        var isCheap = answer.Length > 0 && prompt.Length + answer.Length <= Math.Min(MostScoredTokens, served.Engine.MaxContext);
        var surprise = isCheap
            ? await served.Engine.Loss(prompt, answer, client, cancellation).ConfigureAwait(false)
            : SurpriseOf(await served.Engine.Route(prompt, client, cancellation).ConfigureAwait(false));

        // A model that breaks over an answer says nothing of how new that is.
        return episode with { Set = set.Revision, Space = SpaceOf(set), Embedding = EpisodeEmbedding.Pack(features), Surprise = double.IsFinite(surprise) ? surprise : 0 };
    }

    /// <summary>Which embeddings a set's own may be compared with.</summary>
    public static string SpaceOf(LoadedSet set) => set.BackboneDigest;

    private async Task<Recollection> RecallAsync(GenerationPlan plan, int at, ServedSet served, PromptQuestion question, Asker asker, CancellationToken cancellation)
    {
        var query = new EpisodeQuery(asker.Owner, asker.User, question.Text);
        var forgettings = served.Engine.Forgettings;
        var retrieval = RetrievalFor(served.Set);
        if (!retrieval.HasAny(query))
        {
            return Recollection.Nothing;
        }

        // An answer that has to be a JSON object is the model's own: what was told need not be one.
        if (!plan.Settings.IsJsonObject && served.Set.EndTokens.Count > 0 && retrieval.Exact(query) is { } exact)
        {
            var ids = served.Set.Tokenizer.EncodeAnswer(question.AnswerTo(exact));
            return new Recollection([new EpisodeHit(exact, 1)]) { Answer = [.. ids, served.Set.EndTokens.Min()] };
        }

        if (question.Ids.Length > served.Engine.MaxContext)
        {
            return Recollection.Nothing;
        }

        var features = await served.Engine.Features(question.Ids, asker.Client, cancellation).ConfigureAwait(false);
        var near = retrieval.Near(query, features, options.MostEpisodes);
        var (prompt, hits) = Fitting(plan, at, served, question, near);
        if (prompt is null)
        {
            return Recollection.Nothing;
        }

        // Experts are chosen by the prompt as it came, which for a conversation is not the question alone.
        var bare = question.Ids == plan.Prompts[at] ? features : await served.Engine.Features(plan.Prompts[at], asker.Client, cancellation).ConfigureAwait(false);
        return new Recollection(hits) { Prompt = prompt, Features = bare, Forgettings = forgettings };
    }

    // As many of the most alike as there is room for, without those that cannot be written here: whoever tells an episode may write what a chat's template refuses.
    private (int[]? Prompt, IReadOnlyList<EpisodeHit> Hits) Fitting(GenerationPlan plan, int at, ServedSet served, PromptQuestion question, IReadOnlyList<EpisodeHit> all)
    {
        List<EpisodeHit> near = [.. all.Where(hit => question.CanHave(hit.Episode))];
        var length = plan.Prompts[at].Length;
        var free = served.Engine.MaxContext - length;
        var room = Math.Min(options.MostTokens, plan.IsOpenEnded ? free / 2 : free - plan.Settings.MaxTokens);
        for (var count = near.Count; count > 0; count--)
        {
            IReadOnlyList<EpisodeHit> hits = [.. near.Take(count)];
            var prompt = question.With([.. hits.Select(hit => hit.Episode)]);
            if (prompt.Length - length <= room)
            {
                return (prompt, hits);
            }
        }

        return (null, []);
    }

    // A probability in nats, to be of the same kind as a loss.
    private static double SurpriseOf(RoutingDecision decision) => decision.Novelty is { } novelty ? -Math.Log(Math.Max(1e-6, novelty.PValue)) : 0;

    private EpisodeRetrieval RetrievalFor(LoadedSet set)
    {
        lock (_lock)
        {
            if (_retrieval is not { } present || present.Space != SpaceOf(set))
            {
                _retrieval = present = (SpaceOf(set), new EpisodeRetrieval(store, SpaceOf(set), new FeatureScale()));
            }

            return present.Retrieval;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The use of an episode could not be written down: {Reason}")]
    private partial void LogUncounted(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request is answered without its memory: {Reason}")]
    private partial void LogFailed(string reason);
}

/// <summary>Who asks.</summary>
/// <param name="Client">Whose turn it takes.</param>
/// <param name="Owner">Name of the API key.</param>
/// <param name="User">The user that the request names.</param>
internal sealed record Asker(string Client, string Owner, string? User);
