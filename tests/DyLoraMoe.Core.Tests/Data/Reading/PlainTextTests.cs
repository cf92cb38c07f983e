using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Core.Tests.Data.Reading;

public class PlainTextTests
{
    private const string Content = "one\r\ntwo\r\n\r\n \r\nthree\n---\nfour\n";

    [Fact]
    public void A_file_is_a_document_with_plain_line_ends() =>
        Assert.Equal([Sample.PlainText("one\ntwo\n\n \nthree\n---\nfour\n")], Reads.All(Content, "x.txt"));

    [Fact]
    public void Blank_lines_part_documents() =>
        Assert.Equal(["one\ntwo", "three\n---\nfour"], Split(TextSplit.BlankLines));

    [Fact]
    public void Lines_are_documents() =>
        Assert.Equal(["one", "two", "three", "---", "four"], Split(TextSplit.Lines));

    [Fact]
    public void A_separator_parts_documents() =>
        Assert.Equal(["one\ntwo\n\n \nthree\n", "\nfour\n"], Split(TextSplit.Separator));

    [Fact]
    public void Documents_of_white_space_are_none() =>
        Assert.Empty(Reads.All(" \n\n\t\n", "x.txt"));

    [Fact]
    public void A_document_too_long_names_the_line_it_begins_on()
    {
        var error = Reads.Fails($"short\n\n{new string('a', 40)}\n", "x.txt", new DatasetOptions { TextSplit = TextSplit.BlankLines, MaxRowBytes = 32 });

        Assert.Equal(3, error.Line);
    }

    [Fact]
    public void The_usual_shakespeare_is_cut_into_speeches()
    {
        var options = new DatasetOptions { TextSplit = TextSplit.BlankLines };
        using var file = File.OpenRead(DyLoraMoe.Testing.SharedFiles.Shared("data/tinyshakespeare.txt"));

        var speeches = new DatasetReader(options).Read(file, "tinyshakespeare.txt").ToList();

        Assert.True(speeches.Count > 6000);
        Assert.Equal("First Citizen:\nBefore we proceed any further, hear me speak.", speeches[0].Answer);
    }

    private static IEnumerable<string> Split(TextSplit split) =>
        Reads.All(Content, "x.txt", new DatasetOptions { TextSplit = split, Separator = "---" }).Select(sample => sample.Answer);
}
