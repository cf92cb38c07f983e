using System.Text.Json;
using DyLoraMoe.Core.Data.Corpus.Families;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Core.Data.Corpus;

/// <summary>Which families the corpus consists of and which are kept out of it, for programs and for the model card.</summary>
public static class CorpusCatalog
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The families in the corpus.</summary>
    public static IReadOnlyList<ICorpusFamily> Families { get; } =
    [
        new StoryFamily(),
        new FactFamily(),
        new ReasoningFamily(),
        new ArithmeticFamily(),
        new SequenceFamily(),
        new JsonFamily(),
        new CodeFamily(),
        new RecallFamily(),
        new FewShotFamily(),
        new InductionFamily(),
        new InstructionFamily(),
        new ChatFamily(),
    ];

    /// <summary>Version, families with their shares, and kept-out families, as JSON.</summary>
    public static string ToJson()
    {
        var document = new
        {
            corpusVersion = CorpusGenerator.Version,
            families = Families.Select(family => new { family.Name, family.Description, family.Share }),
            keptOut = SkillCatalog.All.Select(family => new { family.Name, family.Description, family.Task }),
        };
        return JsonSerializer.Serialize(document, Indented);
    }
}
