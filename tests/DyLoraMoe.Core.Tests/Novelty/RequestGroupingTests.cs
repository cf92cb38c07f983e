using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Novelty;

/// <summary>Prompts as the built-in backbone sees them: those of one skill may be much more alike than those of another.</summary>
public sealed class RequestGroupingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _model;
    private readonly TextTokenizer _text;
    private readonly SampleTokenizer _tokenizer;
    private readonly SampleDescriber _describer;

    public RequestGroupingTests()
    {
        var path = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        _model = ModelFolder.Load(path);
        _text = TextTokenizer.Load(path);
        _tokenizer = new SampleTokenizer(new TextTokenSource(_text), new TokenizeOptions());
        _describer = new SampleDescriber(_model, "sha256:tiny", tokenizer: _text);
    }

    [Theory]
    [InlineData("clock")]
    [InlineData("clock", "units")]
    [InlineData("date", "sort")]
    public void Kinds_of_prompts_that_are_new_are_told_apart_however_alike_those_of_known_skills_are(params string[] known)
    {
        using var library = SkillLibrary.Create(_folder.FullPath, _describer, SelfSamples.Draw(_model, 128, 64, 1));
        foreach (var skill in known)
        {
            library.Add(skill, "sha256:" + skill, Of(skill, seed: 1, 150), Of(skill, seed: 2, 60), _describer);
        }

        using var map = NoveltyMap.Of(library);
        using var novelty = new PromptNovelty(map);
        var monitor = new DriftMonitor(map, novelty);
        var sentences = Enumerable.Range(0, 40).Select(number => _text.Encode($"Please count the {number} apples in basket number {number * 3} and tell me their total weight!").ToArray());

        Send("known", Prompts(known[0]));
        Send("apples", [.. sentences]);
        Send("sql", Prompts("sql"));
        Send("caesar", Prompts("caesar"));

        var groups = monitor.Propose().Select(skill => skill.Members.GroupBy(id => id.Split('-')[0]).OrderByDescending(kind => kind.Count()).ToList()).ToList();
        Assert.Equal(["apples", "caesar", "sql"], groups.Select(kinds => kinds[0].Key).Order(StringComparer.Ordinal));
        Assert.All(groups, kinds => Assert.InRange(kinds[0].Count(), 24, 40));
        Assert.All(groups, kinds => Assert.InRange(kinds.Skip(1).Sum(kind => kind.Count()), 0, 2));

        void Send(string kind, IReadOnlyList<int[]> prompts)
        {
            using var features = _describer.Features(prompts);
            monitor.Observe([.. prompts.Select((_, index) => $"{kind}-{index}")], features, novelty.Of(features));
        }

        IReadOnlyList<int[]> Prompts(string family) => [.. Of(family, seed: 5, 40).Select(FeatureExtractor.PromptOf)];
    }

    public void Dispose()
    {
        _describer.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    private List<TokenizedSample> Of(string family, ulong seed, int count) => _tokenizer.TokenizeAll(SkillSamples.Generate(SkillCatalog.Get(family), seed, count));
}
