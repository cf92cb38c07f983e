using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data.Reading;

public class DatasetReaderTests
{
    [Theory]
    [InlineData("mbpp.jsonl", 464, "Write a function to find the longest chain", "class Pair(object):")]
    [InlineData("gsm8k.jsonl", 4000, "Natalia sold clips", "Natalia sold 48/2")]
    [InlineData("codealpaca.json", 3628, "Provide a Java method", "public static int countOccurrences")]
    [InlineData("tinyshakespeare.txt", 1, "", "First Citizen:")]
    public void Public_data_sets_are_read_without_naming_any_field(string file, int count, string prompt, string answer)
    {
        var dataset = Dataset.Load(SharedFiles.Shared("data/" + file), new DatasetOptions());

        Assert.Equal(count, dataset.Samples.Count);
        Assert.Equal(count, dataset.Report.Samples);
        Assert.StartsWith(prompt, dataset.Samples[0].Prompt, StringComparison.Ordinal);
        Assert.StartsWith(answer, dataset.Samples[0].Answer, StringComparison.Ordinal);
        Assert.All(dataset.Samples, sample => Assert.DoesNotContain('\r', sample.Text));
    }

    [Fact]
    public void A_template_puts_the_input_only_where_there_is_one()
    {
        var options = new DatasetOptions { PromptTemplate = "### {instruction}\n{?input}Input: {input}\n{/input}### ", OutputField = "output" };

        var samples = Dataset.Load(SharedFiles.Shared("data/codealpaca.json"), options).Samples;

        Assert.EndsWith("elementToCount = 5\n### ", samples[0].Prompt, StringComparison.Ordinal);
        Assert.Equal("### Write a simple Java program to calculate the area of a circle given its radius.\n### ", samples[1].Prompt);
    }

    [Theory]
    [InlineData("{\"prompt\":\"a \",\"completion\":\"b\"}", "a ", "b")]
    [InlineData("{\"prompt\":\"a \",\"answer\":\"b\"}", "a ", "b")]
    [InlineData("{\"instruction\":\"a\",\"output\":\"b\"}", "a\n", "b")]
    [InlineData("{\"instruction\":\"a\",\"input\":\"c\",\"response\":\"b\"}", "a\nc\n", "b")]
    [InlineData("{\"question\":\"a\",\"answer\":\"b\"}", "a\n", "b")]
    [InlineData("{\"input\":\"a\",\"output\":\"b\"}", "a\n", "b")]
    [InlineData("{\"text\":\"a\",\"code\":\"b\"}", "a\n", "b")]
    [InlineData("{\"input\":12,\"output\":{\"x\": [1, 2]}}", "12\n", "{\"x\": [1, 2]}")]
    public void Usual_field_names_need_no_options(string row, string prompt, string answer) =>
        Assert.Equal([Sample.Pair(prompt, answer)], Reads.All(row, "x.jsonl"));

    [Fact]
    public void Named_fields_win_over_conventions()
    {
        var row = "{\"prompt\":\"a\",\"answer\":\"b\",\"q\":\"c\",\"r\":\"d\",\"text\":\"e\"}";

        Assert.Equal([Sample.Pair("c", "d")], Reads.All(row, "x.jsonl", new DatasetOptions { InputField = "q", OutputField = "r" }));
        Assert.Equal([Sample.PlainText("e")], Reads.All(row, "x.jsonl", new DatasetOptions { TextField = "text" }));
        Assert.Equal([Sample.Pair("c:a", "b")], Reads.All(row, "x.jsonl", new DatasetOptions { PromptTemplate = "{q}:{prompt}" }));
    }

    [Fact]
    public void A_missing_field_is_named_with_file_line_and_the_fields_there_are()
    {
        var error = Reads.Fails("{\"input\":\"a\",\"output\":\"b\"}\n\n{\"input\":\"a\",\"out\":\"b\"}\n", "skills/x.jsonl");

        Assert.Equal("skills/x.jsonl:3: expected the field 'output', found the fields input, out.", error.Message);
        Assert.Equal((3, "skills/x.jsonl"), (error.Line, error.File));
    }

    [Theory]
    [InlineData("{\"input\":\"a\",\"output\":null}", "found the fields input")]
    [InlineData("{\"input\":\"a\",\"output\":\"\"}", "something in the field 'output'")]
    [InlineData("{\"a\":\"a\",\"b\":\"\"}", "found the fields a, b")]
    [InlineData("[1]", "a JSON object")]
    [InlineData("{\"input\":\"a\",", "a JSON object")]
    [InlineData("{\"input\":\"a\"} {}", "JSON object")]
    [InlineData("{\"input\":\"\\ud800\",\"output\":\"b\"}", "surrogate")]
    public void A_bad_line_is_an_error_that_says_what_was_expected(string row, string expected) =>
        Assert.Contains(expected, Reads.Fails(row, "x.jsonl").Message, StringComparison.Ordinal);

    [Fact]
    public void Bad_rows_can_be_skipped_and_are_counted()
    {
        byte[] content = [.. "{\"input\":\"a\",\"output\":\"b\"}\nnonsense\n{\"input\":\"\xff"u8[..^2], 0xFF, .. "\"}\n{\"input\":1}\r\n{\"input\":\"c\",\"output\":\"d\"}"u8];
        var reader = new DatasetReader(new DatasetOptions { BadRows = BadRowPolicy.Skip });
        using var stream = new MemoryStream(content);

        var samples = reader.Read(stream, "x.jsonl").ToList();

        Assert.Equal([Sample.Pair("a\n", "b"), Sample.Pair("c\n", "d")], samples);
        Assert.Equal((5, 3, 2), (reader.Report.Rows, reader.Report.Skipped, reader.Report.Samples));
        Assert.Collection(
            reader.Report.FirstErrors,
            e => Assert.StartsWith("x.jsonl:2: expected a JSON object, found 'nonsense'", e, StringComparison.Ordinal),
            e => Assert.StartsWith("x.jsonl:3: expected UTF-8", e, StringComparison.Ordinal),
            e => Assert.StartsWith("x.jsonl:4: expected the field 'output'", e, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"comment\":\"of the data\"}")]
    [InlineData("{}")]
    [InlineData("nonsense")]
    public void A_bad_first_row_is_skipped_like_any_other(string first)
    {
        var reader = new DatasetReader(new DatasetOptions { BadRows = BadRowPolicy.Skip });
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(first + "\n{\"input\":\"a\",\"output\":\"b\"}\n{\"input\":1}\n"));

        Assert.Equal([Sample.Pair("a\n", "b")], reader.Read(stream, "x.jsonl"));
        Assert.Equal((3, 2, 1), (reader.Report.Rows, reader.Report.Skipped, reader.Report.Samples));
    }

    [Fact]
    public void A_file_of_other_fields_is_no_file_of_bad_rows() => Assert.Equal(
        "x.jsonl:1: expected the names of the input and output fields",
        Reads.Fails("{\"a\":\"b\"}\n{\"a\":\"c\"}\n", "x.jsonl", new DatasetOptions { BadRows = BadRowPolicy.Skip }).Message.Split(',')[0]);

    [Fact]
    public void Reading_stops_at_the_most_samples_and_says_so()
    {
        var lines = string.Concat(Enumerable.Repeat("{\"text\":\"a\"}\n", 5));
        var reader = new DatasetReader(new DatasetOptions { MaxSamples = 3 });
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(lines));

        Assert.Equal(3, reader.Read(stream, "x.jsonl").Count());
        Assert.True(reader.Report.StoppedAtLimit);
    }

    [Fact]
    public void A_sample_longer_than_allowed_is_a_bad_row() =>
        Assert.Contains("at most 5 characters, found 6", Reads.Fails("{\"prompt\":\"abc\",\"answer\":\"def\"}", "x.jsonl", new DatasetOptions { MaxSampleCharacters = 5 }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("x.jsonl")]
    [InlineData("x.json")]
    [InlineData("x.csv")]
    [InlineData("x.txt")]
    public void A_row_longer_than_allowed_is_an_error_long_before_it_is_read(string name)
    {
        using var endless = new EndlessStream(name == "x.json" ? "[{\"text\":\"" : name == "x.jsonl" ? "{\"text\":\"" : "text\n\"", "aaaaaaaaaa");
        var reader = new DatasetReader(new DatasetOptions { MaxRowBytes = 1 << 17 });

        Assert.Contains("at most 131,072", Assert.Throws<DatasetException>(() => reader.Read(endless, name).ToList()).Message, StringComparison.Ordinal);
        Assert.True(endless.Given < 1 << 20);
    }

    [Theory]
    [InlineData("x.jsonl", "", "{\"text\":\"some\"}\n")]
    [InlineData("x.json", "[", "{\"text\":\"some\"},\n")]
    [InlineData("x.csv", "text\n", "some\n")]
    public void Rows_are_given_while_the_file_is_still_being_read(string name, string head, string row)
    {
        using var endless = new EndlessStream(head, row);

        Assert.Equal(20_000, new DatasetReader(new DatasetOptions()).Read(endless, name).Take(20_000).Count());
        Assert.InRange(endless.Given, 1, (20_000 * row.Length) + (1 << 18));
    }

    [Fact]
    public void A_skipped_line_that_is_too_long_leaves_the_next_readable()
    {
        var content = $"{{\"text\":\"{new string('a', 200_000)}\"}}\n{{\"text\":\"b\"}}\n";

        Assert.Equal([Sample.PlainText("b")], Reads.All(content, "x.jsonl", new DatasetOptions { MaxRowBytes = 1000, BadRows = BadRowPolicy.Skip }));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData(" [ {\"text\":\"a\"} ]\n", null)]
    [InlineData("[{\"text\":\"a\"},\n{\"text\":}]", ":2: ")]
    [InlineData("[{\"text\":\"a\"}\n", ":2: ")]
    [InlineData("[{\"text\":\"a\"}] x", ":1: ")]
    [InlineData("[{\"text\":\"a\"},\n7]", ":2: expected a JSON object, found '7'")]
    [InlineData("\"a\"", "a JSON array of objects")]
    [InlineData("", "a JSON array of objects")]
    public void A_json_array_is_read_to_its_end_or_to_its_first_error(string content, string? error)
    {
        if (error is null)
        {
            Assert.True(Reads.All(content, "x.json").Count <= 1);
            return;
        }

        Assert.Contains(error, Reads.Fails(content, "x.json").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_json_file_of_lines_is_read_as_lines() =>
        Assert.Equal(2, Reads.All("\n {\"text\":\"a\"}\n{\"text\":\"b\"}", "x.json").Count);

    [Fact]
    public void Every_format_gives_the_same_samples_and_the_same_digest() =>
        Law.Holds(Gen.NonEmptyListOf(SampleText.Where(s => s.Length > 0).Two()), pairs =>
        {
            var samples = pairs.Select(p => Sample.Pair(p.Item1, p.Item2)).ToList();
            var keep = new DatasetOptions { KeepCarriageReturns = true };
            var rows = pairs.Select(p => JsonSerializer.Serialize(new { prompt = p.Item1, answer = p.Item2 })).ToList();
            using var written = new MemoryStream();
            DatasetWriter.WriteJsonLines(written, samples);

            Assert.Equal(samples, Reads.All(written.ToArray(), "x.jsonl", keep));
            Assert.Equal(samples, Reads.All(string.Join("\r\n", rows), "x.jsonl", keep));
            Assert.Equal(samples, Reads.All($"[\n{string.Join(",\n", rows)}\n]", "x.json", keep));
            Assert.Equal(samples, Reads.All("prompt,answer\r\n" + string.Join("\r\n", pairs.Select(p => $"{Quote(p.Item1)},{Quote(p.Item2)}")), "x.csv", keep));
            Assert.Equal(DatasetDigest.Of(samples), DatasetDigest.Of(Reads.All(string.Join('\n', Enumerable.Reverse(rows)), "x.jsonl", keep)));
        });

    [Fact]
    public void Pairs_and_plain_texts_in_one_file_are_read_back_where_each_row_decides()
    {
        Sample[] samples = [Sample.PlainText("a"), Sample.Pair("b", "c"), Sample.Pair("", "d"), Sample.PlainText("e")];
        using var written = new MemoryStream();
        DatasetWriter.WriteJsonLines(written, samples);

        Assert.Equal(samples, Reads.All(written.ToArray(), "x.jsonl", new DatasetOptions { EachRowDecides = true }));
    }

    [Fact]
    public void Of_a_folder_neither_hidden_files_nor_those_about_the_data_are_data()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "b.jsonl", "a/c.txt", ".hidden", "..data/d.jsonl", "README", "readme.md", "a/LICENSE-MIT", "README_de.txt", "readmes.jsonl" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], "x");
        }

        Assert.Equal(["a/c.txt", "b.jsonl", "readmes.jsonl"], DataFolder.Files(folder.FullPath).Select(file => Path.GetRelativePath(folder.FullPath, file)));
    }

    [Theory]
    [InlineData("x.jsonl", "{\"text\":\"grün\"}")]
    [InlineData("x.json", "[{\"text\":\"grün\"}]")]
    [InlineData("x.csv", "text\ngrün\n")]
    [InlineData("x.txt", "grün")]
    public void A_byte_order_mark_is_passed_over_and_gzip_is_unpacked(string name, string content)
    {
        byte[] marked = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(content)];
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(marked);
        }

        Assert.Equal([Sample.PlainText("grün")], Reads.All(marked, name));
        Assert.Equal([Sample.PlainText("grün")], Reads.All(packed.ToArray(), name + ".gz"));
    }

    [Theory]
    [InlineData("x.json")]
    [InlineData("x.csv")]
    [InlineData("x.txt")]
    public void Bytes_that_are_not_utf8_are_an_error_with_their_line(string name)
    {
        var head = name == "x.json" ? "[{\"text\":\"a\"},\n\n{\"text\":\"" : "text\nü\n";
        byte[] content = [.. Encoding.UTF8.GetBytes(head), 0xE2, 0x82, (byte)'"', (byte)'}'];

        var error = Reads.Fails(content, name);

        Assert.Equal(3, error.Line);
        Assert.Contains("E282", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Utf16_is_named_as_such() =>
        Assert.Contains("UTF-16", Reads.Fails([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("text")], "x.txt").Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_gzip_file_is_named_as_such() =>
        Assert.Contains("gzip", Reads.Fails("not gzip at all", "x.jsonl.gz").Message, StringComparison.Ordinal);

    [Fact]
    public void A_gzip_file_that_was_cut_off_anywhere_is_named_as_such()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(number => $"{{\"text\":\"{number}\"}}\n"))));
        }

        Assert.Equal(200, Reads.All(packed.ToArray(), "x.jsonl.gz").Count);
        foreach (var length in Enumerable.Range(1, (int)packed.Length - 1))
        {
            Assert.Contains("expected a whole gzip file", Reads.Fails(packed.ToArray()[..length], "x.jsonl.gz").Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unknown_ending_asks_for_the_format()
    {
        Assert.Contains("'.parquet'", Reads.Fails("PAR1", "x.parquet").Message, StringComparison.Ordinal);
        Assert.Single(Reads.All("{\"text\":\"a\"}", "data", new DatasetOptions { Format = DatasetFormat.JsonLines }));
    }

    [Fact]
    public void A_data_set_without_samples_is_an_error()
    {
        var path = Path.GetTempFileName();
        Assert.Contains("at least one sample", Assert.Throws<DatasetException>(() => Dataset.Load(path, new DatasetOptions { Format = DatasetFormat.JsonLines })).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void A_folder_is_no_file() =>
        Assert.Contains("found a folder", Assert.Throws<DatasetException>(() => Dataset.Load(Path.GetTempPath(), new DatasetOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public void Contradicting_options_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new DatasetReader(new DatasetOptions { TextField = "a", OutputField = "b" }));
        Assert.Throws<ArgumentException>(() => new DatasetReader(new DatasetOptions { InputField = "a", PromptTemplate = "{a}" }));
        Assert.Throws<ArgumentException>(() => new DatasetReader(new DatasetOptions { InputField = "a" }));
        Assert.Throws<FormatException>(() => new DatasetReader(new DatasetOptions { PromptTemplate = "{a" }));
    }

    internal static Gen<string> SampleText { get; } = Gen.Elements(
        "a", "b", " ", "\n", "\r\n", "\"", "\\", ",", "{", "}", "\t", "ü", "漢", "🙂", "\u0001", "\u2028", "null").ArrayOf().Select(string.Concat);

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private sealed class EndlessStream(string head, string row) : Stream
    {
        private readonly byte[] _head = Encoding.UTF8.GetBytes(head);
        private readonly byte[] _row = Encoding.UTF8.GetBytes(row);

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++, Given++)
            {
                buffer[offset + i] = Given < _head.Length ? _head[Given] : _row[(Given - _head.Length) % _row.Length];
            }

            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
