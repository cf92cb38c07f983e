using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DyLoraMoe.Core.Data.Corpus;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Core.Tests.Data.Corpus;

public class CorpusGeneratorTests
{
    private static readonly List<CorpusDocument> Sample = [.. new CorpusGenerator(2026).Documents().Take(6000)];

    [Fact]
    public void The_corpus_of_a_version_and_a_seed_never_changes()
    {
        var text = string.Join('\0', Sample.Take(2000).Select(d => d.Text));

        Assert.Equal(1, CorpusGenerator.Version);
        Assert.Equal("222d8b1424656bf3", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]);
    }

    [Fact]
    public void A_document_depends_on_its_number_and_not_on_who_makes_it_when()
    {
        var generator = new CorpusGenerator(2026);
        var parallel = new string[500];
        Parallel.For(0, parallel.Length, i => parallel[parallel.Length - 1 - i] = generator.Document(parallel.Length - 1 - i).Text);

        Assert.Equal(Sample.Take(500).Select(d => d.Text), parallel);
        Assert.Equal(Sample.Skip(100).Take(20), generator.Documents(first: 100).Take(20));
    }

    [Fact]
    public void Seeds_give_different_corpora() =>
        Assert.Empty(Sample.Take(300).Select(d => d.Text).Intersect(new CorpusGenerator(2027).Documents().Take(300).Select(d => d.Text)));

    [Fact]
    public void Taking_stops_when_there_are_enough_characters()
    {
        var documents = new CorpusGenerator(1).Take(10_000).ToList();

        Assert.True(documents.Sum(d => d.Text.Length) >= 10_000);
        Assert.True(documents.SkipLast(1).Sum(d => d.Text.Length) < 10_000);
    }

    [Fact]
    public void No_family_that_is_kept_out_leaves_a_trace()
    {
        foreach (var family in SkillCatalog.All)
        {
            var marker = new Regex(string.Join('|', family.Markers.Append($@"\b{family.Task}:")));
            var leak = Sample.Find(d => marker.IsMatch(d.Text));
            Assert.True(leak is null, $"{family.Name} occurs in document {leak?.Index}: {leak?.Text}");
        }
    }

    [Fact]
    public void The_markers_of_a_kept_out_family_find_its_own_samples()
    {
        foreach (var family in SkillCatalog.All)
        {
            var marker = new Regex(string.Join('|', family.Markers));
            Assert.All(SkillSamples.Generate(family, 5, 50), sample => Assert.Matches(marker, sample.Text));
        }
    }

    [Fact]
    public void Documents_are_ascii_without_stray_white_space()
    {
        Assert.All(Sample, d =>
        {
            Assert.All(d.Text, c => Assert.True(c is '\n' or (>= ' ' and <= '~'), $"document {d.Index} has U+{(int)c:X4}"));
            Assert.Equal(d.Text.Trim(), d.Text);
            Assert.DoesNotContain("  \n", d.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_family_has_its_share_and_hardly_repeats_itself()
    {
        Assert.Equal(CorpusCatalog.Families.Select(f => f.Name).Order(), Sample.Select(d => d.Family).Distinct().Order());
        Assert.Equal(100, CorpusCatalog.Families.Sum(f => f.Share));
        foreach (var family in CorpusCatalog.Families)
        {
            var texts = Sample.Where(d => d.Family == family.Name).Select(d => d.Text).ToList();
            Assert.InRange((double)texts.Count / Sample.Count, 0.008 * family.Share, 0.012 * family.Share);
            Assert.InRange(texts.Distinct().Count(), 0.98 * texts.Count, texts.Count);
        }
    }

    [Fact]
    public void A_document_fits_a_short_context()
    {
        Assert.InRange(Sample.Average(d => d.Text.Length), 120, 300);
        Assert.True(Sample.Max(d => d.Text.Length) < 1200);
    }

    [Fact]
    public void The_catalogue_names_what_is_in_and_what_is_kept_out()
    {
        using var catalog = JsonDocument.Parse(CorpusCatalog.ToJson());

        Assert.Equal(CorpusCatalog.Families.Count, catalog.RootElement.GetProperty("families").GetArrayLength());
        var keptOut = catalog.RootElement.GetProperty("keptOut").EnumerateArray().Select(f => f.GetProperty("name").GetString());
        Assert.Contains("reverse", keptOut);
    }
}
