using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>What a visit cost an arm.</summary>
/// <param name="Tokens">Tokens trained on, prompts and replay included; at most the visit's budget.</param>
/// <param name="Note">For people: what the arm decided. Null for nothing.</param>
internal sealed record Learnt(long Tokens, string? Note = null);

/// <summary>A way to learn a stream of skills, as the benchmark sees it.</summary>
internal interface IContinualArm : IDisposable
{
    /// <summary>Values kept beside the backbone by now: adapters, routers, descriptors; for full fine-tuning, all that may differ from it.</summary>
    long AddedParameters { get; }

    /// <summary>Experts by now; 0 for arms that have none.</summary>
    int Experts { get; }

    /// <summary>Learns from one visit.</summary>
    /// <param name="visit">The data. <see cref="SkillVisit.TrueSkill"/> is the oracle's alone.</param>
    /// <param name="cancellation">Stops between steps, by <see cref="OperationCanceledException"/>.</param>
    Learnt Learn(SkillVisit visit, CancellationToken cancellation);

    /// <summary>Called once after the last visit, for arms that learn at the end.</summary>
    /// <param name="cancellation">Stops between steps.</param>
    Learnt Finish(CancellationToken cancellation) => new(0);

    /// <summary>What answers these prompts now. It may look at the prompts and at nothing else of the samples.</summary>
    /// <param name="skill">The true skill of all of them; the oracle's alone.</param>
    /// <param name="samples">The samples, of which <see cref="TokenizedSample.Ids"/> before <see cref="TokenizedSample.AnswerStart"/> are the prompt.</param>
    Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples);
}

/// <summary>An arm that chooses an expert for every prompt.</summary>
internal interface IRoutingArm : IContinualArm
{
    /// <summary>For every expert, the stage whose visit created it.</summary>
    IReadOnlyList<int> CreatedAt { get; }

    /// <summary>The expert with the most weight for every prompt, as an index into <see cref="CreatedAt"/>; -1 for the bare backbone.</summary>
    /// <param name="samples">Samples whose prompts are to be routed.</param>
    IReadOnlyList<int> Route(IReadOnlyList<TokenizedSample> samples);
}

/// <summary>An arm that can say how new a batch of data is to it.</summary>
internal interface INoveltyProbe : IContinualArm
{
    /// <summary>Judges a batch of data against everything learnt so far, and learns nothing from it.</summary>
    /// <param name="samples">At least 32 samples.</param>
    /// <param name="tokens">The same as ids.</param>
    NoveltyVerdict Judge(IReadOnlyList<Sample> samples, IReadOnlyList<TokenizedSample> tokens);
}

/// <summary>How new a batch is.</summary>
/// <param name="Score">Higher is newer; only the order matters.</param>
/// <param name="IsNovel">Whether the arm would take it for a new skill at its stated false-alarm rate.</param>
internal sealed record NoveltyVerdict(double Score, bool IsNovel);

/// <summary>A model that answers a list of prompts, with a mixture of adapters for each. All parts stay the arm's.</summary>
/// <param name="Model">The model.</param>
/// <param name="Identity">
/// Equal only if the answers are: for the bare backbone <see cref="Backbone"/>, otherwise unique to the arm's run and the state of its weights.
/// </param>
/// <param name="Bank">Adapters, or null for the model alone.</param>
/// <param name="Weights">For every prompt, one weight per adapter of <paramref name="Bank"/>.</param>
internal sealed record Answerer(CausalLanguageModel Model, string Identity, AdapterBank? Bank = null, IReadOnlyList<float[]>? Weights = null)
{
    /// <summary>The identity of the backbone with nothing beside it.</summary>
    public const string Backbone = "backbone";

    /// <summary>All adapters of the bank at full weight for each of <paramref name="count"/> prompts.</summary>
    public static Answerer Of(CausalLanguageModel model, string identity, AdapterBank bank, int count) =>
        new(model, identity, bank, [.. Enumerable.Range(0, count).Select(_ => Enumerable.Repeat(1f, bank.Adapters.Count).ToArray())]);
}
