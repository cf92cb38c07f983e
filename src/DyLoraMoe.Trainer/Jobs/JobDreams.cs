using System.Text.Json;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>The dreams of a night: made once, kept in the job's journal, told of in its folder and its log.</summary>
/// <param name="Tried">Dreams that were tried.</param>
/// <param name="Kept">Prompts with answers that are learnt from.</param>
internal sealed record JobDreams(int Tried, IReadOnlyList<DreamtAnswer> Kept)
{
    private const string FileName = "dreams.jsonl";

    /// <summary>Dreams for an expert; none when the request wants none, or its skills have no questions.</summary>
    /// <param name="context">The job.</param>
    /// <param name="session">The backbone.</param>
    /// <param name="expert">The expert as it is.</param>
    /// <param name="skills">What it has learnt.</param>
    public static JobDreams Of(JobContext context, WorkspaceSession session, LoraAdapter expert, IReadOnlyList<(SkillInput Skill, SkillData Data)> skills) =>
        context.Request.Consolidate!.Dreams is { } wanted ? context.Journal.Do("dreams", () => Dreamt(context, session, expert, skills, wanted)) : new JobDreams(0, []);

    /// <summary>The dreams as samples.</summary>
    public IReadOnlyList<TokenizedSample> Tokens(WorkspaceSession session)
    {
        var tokenizer = TokenizerOf(session);
        return tokenizer.TokenizeAll(Kept.Select(dream => Sample.Pair(dream.Prompt, dream.Answer)));
    }

    /// <summary>Share of the tokens that are dreams: what was asked for, and no more than lets a dream be seen as often as a real sample.</summary>
    /// <param name="most">What was asked for, in percent.</param>
    /// <param name="real">Real samples.</param>
    public int Share(int most, int real) => Math.Clamp(100 * Kept.Count / Math.Max(1, Kept.Count + real), 1, most);

    private static JobDreams Dreamt(JobContext context, WorkspaceSession session, LoraAdapter expert, IReadOnlyList<(SkillInput Skill, SkillData Data)> skills, DreamInput wanted)
    {
        var options = new DreamOptions { Count = wanted.Count, Candidates = wanted.Candidates, Seed = context.Request.Consolidate!.Run };
        var memories = skills.SelectMany(pair => SkillData.Some([.. pair.Data.Train.Where(sample => !sample.IsPlainText)], Math.Max(2, options.MostMemories / skills.Count))
            .Select(sample => (pair.Skill.Name, Sample: sample, Tokens: TokenizerOf(session).Tokenize(sample)))
            .Where(memory => memory.Tokens.Count == 1)).ToList();
        List<TokenizedSample> real = [.. skills.SelectMany(pair => pair.Data.ChosenBy)];
        if (memories.Count < 2 || real.Count == 0)
        {
            context.Say("no dreams: they are made from questions with answers, and judged by held-out ones");
            return new JobDreams(0, []);
        }

        var invocation = new Invocation(expert.Config);
        var losses = session.Evaluator.Evaluate(EvaluationSet.OfSamples(invocation.Of([.. memories.Select(memory => memory.Tokens[0])])), expert, context.Stop).Samples;
        var nodes = memories.Zip(losses, (memory, loss) => new MemoryNode(memory.Name, memory.Sample, 1, 1, loss.Loss)).ToList();
        using var bank = new AdapterBank([expert]);
        var critic = new LikelihoodCritic(session.Evaluator, expert, real, dream => TokenizerOf(session).Tokenize(Sample.Pair(dream.Prompt, dream.Answer))[0], options.LeastLikelihood, context.Stop);
        var night = new Night(Answers(session, bank, options), [critic], options);
        var told = 0;
        var report = night.Dream(
            new MemoryGraph(nodes, Embeddings(session, memories.Select(memory => memory.Tokens[0]))),
            skills.SelectMany(pair => pair.Data.Train).Select(sample => sample.Prompt),
            skills.SelectMany(pair => pair.Data.HeldOut).Select(sample => sample.Prompt),
            new Progress(done => told = Tell(context, done, options.Count, told)),
            context.Stop);
        AtomicFile.WriteText(Path.Combine(context.Journal.Folder, FileName), string.Concat(report.Dreams.Select(dream => JsonSerializer.Serialize(dream) + "\n")));
        context.Say($"{report.Dreams.Count} dreams: {string.Join(", ", report.Outcomes.Select(pair => $"{pair.Value} {pair.Key}"))}");
        return new JobDreams(report.Dreams.Count, [.. report.Dreams.Where(dream => dream.IsKept).Select(dream => new DreamtAnswer(dream.Prompt!, dream.Answer!))]);
    }

    private static DreamAnswers Answers(WorkspaceSession session, AdapterBank bank, DreamOptions options)
    {
        var generator = new TextGenerator(session.Model, session.Tokenizer);
        float[] alone = [1];
        return (prompts, candidates, seed, cancellation) =>
        {
            List<string> asked = [.. prompts.SelectMany(prompt => Enumerable.Repeat(prompt, candidates))];
            var texts = generator.Generate(
                asked,
                new GenerationOptions { MaxTokens = options.MaxTokens, Temperature = options.Temperature, Seed = seed },
                new GenerationAdapters(bank, [.. asked.Select(_ => alone)]),
                cancellationToken: cancellation);
            cancellation.ThrowIfCancellationRequested();
            return [.. texts.Select(text => text.FinishReason == FinishReason.Stop ? text.Text : null).Chunk(candidates)];
        };
    }

    private static IReadOnlyList<float[]> Embeddings(WorkspaceSession session, IEnumerable<TokenizedSample> samples)
    {
        using var features = session.Describer.Features([.. samples.Select(Core.Features.FeatureExtractor.PromptOf)]);
        using var host = features.cpu();
        return [.. host.data<float>().ToArray().Chunk((int)host.shape[1])];
    }

    private static SampleTokenizer TokenizerOf(WorkspaceSession session) =>
        new(new TextTokenSource(session.Tokenizer), new TokenizeOptions { MaxTokens = session.Policy.Data.Context + 1, Loss = session.Policy.Data.Loss });

    private static int Tell(JobContext context, int done, int all, int told)
    {
        if (done * 4 / all == told * 4 / all)
        {
            return told;
        }

        context.Say($"{done} of {all} dreams");
        return done;
    }

    // At once and on this thread, so that lines come in order.
    private sealed class Progress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
