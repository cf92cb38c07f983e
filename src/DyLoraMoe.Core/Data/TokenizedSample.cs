namespace DyLoraMoe.Core.Data;

/// <summary>
/// A sample as ids. Position <c>i</c> holds <c>Ids[i]</c> as input and is asked to predict <c>Ids[i + 1]</c>, so a sample
/// of n ids fills n - 1 positions and its last id is never an input.
/// <list type="bullet">
/// <item>The prediction of <c>Ids[i + 1]</c> counts in the loss when <c>i + 1 &gt;= LossStart</c>.</item>
/// <item>An <c>Activated</c> adapter acts on position <c>i</c> when <c>i &gt;= InvocationStart</c>.</item>
/// </list>
/// The first answer token is predicted at position <c>AnswerStart - 1</c>, the last one of the prompt. An adapter invoked at
/// <c>AnswerStart</c> exactly would never influence the first answer token, so it is invoked at least one token earlier
/// (<see cref="TokenizeOptions.InvocationLead"/>). PEFT's aLoRA does the same: its invocation tokens end the prompt and are
/// themselves seen through the adapter. An adapter that stays silent has an <c>InvocationStart</c> beyond the last id.
/// </summary>
/// <param name="Ids">All ids: begin token, prompt, answer, end token.</param>
/// <param name="AnswerStart">Index in <paramref name="Ids"/> of the answer's first token.</param>
/// <param name="LossStart">Index in <paramref name="Ids"/> of the first token whose prediction counts.</param>
/// <param name="InvocationStart">First position on which an <c>Activated</c> adapter acts.</param>
public sealed record TokenizedSample(int[] Ids, int AnswerStart, int LossStart, int InvocationStart)
{
    /// <summary>Positions the sample fills in a row: one per prediction.</summary>
    public int Positions => Ids.Length - 1;

    /// <summary>How many predictions count in the loss.</summary>
    public int LossTokens => Math.Max(0, Ids.Length - Math.Max(LossStart, 1));

    /// <summary>A sample that is learnt from end to end and on which an adapter acts from the start, such as a document of a corpus.</summary>
    public static TokenizedSample Whole(int[] ids) => new(ids, AnswerStart: 0, LossStart: 0, InvocationStart: 0);
}
