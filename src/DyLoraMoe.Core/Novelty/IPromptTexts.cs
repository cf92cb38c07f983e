namespace DyLoraMoe.Core.Novelty;

/// <summary>Reads ids as text and writes text as ids, so that what is put between other words is spelled as it would be there.</summary>
public interface IPromptTexts
{
    /// <summary>The text of ids.</summary>
    /// <param name="ids">Some ids of a prompt.</param>
    string TextOf(IReadOnlyList<int> ids);

    /// <summary>The ids of a text that is part of a prompt.</summary>
    /// <param name="text">The text.</param>
    int[] IdsOf(string text);
}
