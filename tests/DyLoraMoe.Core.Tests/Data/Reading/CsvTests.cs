using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Core.Tests.Data.Reading;

public class CsvTests
{
    [Theory]
    [InlineData("input,output\na,b\n")]
    [InlineData("input,output\r\na,b")]
    [InlineData("input,output\ra,b\r")]
    [InlineData("\n\ninput,output\n\n\"a\",\"b\"\n\n")]
    [InlineData("output,input\nb,a\n")]
    [InlineData("id,input,output\n1,a,b\n")]
    public void Line_ends_quotes_and_the_order_of_columns_do_not_matter(string content) =>
        Assert.Equal([Sample.Pair("a\n", "b")], Reads.All(content, "x.csv"));

    [Fact]
    public void Quoted_fields_hold_separators_quotes_and_line_breaks() =>
        Assert.Equal(
            [Sample.Pair("a, \"b\"\nc\n", "d"), Sample.Pair("\n", "e")],
            Reads.All("input,output\n\"a, \"\"b\"\"\r\nc\",d\n,e", "x.csv"));

    [Fact]
    public void Tabs_separate_a_tsv() =>
        Assert.Equal([Sample.Pair("a,b\n", "c")], Reads.All("input\toutput\na,b\tc\n", "x.tsv"));

    [Theory]
    [InlineData("input,output\n\"x\ny\",1\na,b,c\n", 4, "2 fields, as the header has, found 3")]
    [InlineData("input,output\na\"b,c\n", 2, "quotes around the whole field")]
    [InlineData("input,output\n\"a\"b,c\n", 2, "behind a closing quote, found 'b'")]
    [InlineData("input,output\na,b\n\"c,d\n\n", 3, "a closing quote")]
    [InlineData("input,input\na,b\n", 1, "'input' 2 times")]
    [InlineData("", 1, "a header row")]
    public void A_bad_record_is_an_error_with_the_line_it_begins_on(string content, int line, string message)
    {
        var error = Reads.Fails(content, "x.csv");

        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_record_behind_a_skipped_one_is_whole() =>
        Assert.Equal(
            [Sample.Pair("c\n", "d")],
            Reads.All("input,output\na\"b,c\n1,2,3\nc,d\n", "x.csv", new DatasetOptions { BadRows = BadRowPolicy.Skip }));
}
