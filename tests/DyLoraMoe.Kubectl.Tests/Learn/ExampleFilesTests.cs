using System.Text.Json.Nodes;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Learn;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Kubectl.Tests.Learn;

public sealed class ExampleFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a.jsonl", "{\"prompt\": \"1\", \"answer\": \"one\"}\n\n{\"prompt\": \"2\", \"answer\": \"two\"}\n", "JsonLines")]
    [InlineData("a.json", " [{\"prompt\": \"1\", \"answer\": \"one\"},\n {\"prompt\": \"2\", \"answer\": \"two\"}]", "Json")]
    [InlineData("a.csv", "prompt,answer\r\n1,one\r\n\"2, or\n3\",\"two \"\"or\"\" three\"\r\n", "Csv")]
    public void One_file_stays_as_it_is(string name, string text, string format)
    {
        var examples = Read(name, text, "prompt", "answer");

        Assert.Equal((text, format, 2), (examples.Text, examples.Format, examples.Count));
        Assert.Equal(("prompt", "answer"), (examples.InputField, examples.OutputField));
    }

    [Fact]
    public void Several_files_become_json_lines_and_what_holds_no_examples_is_told()
    {
        Write("set/1.jsonl", """{"prompt": "1", "answer": "ein"}""");
        Write("set/2.json", """[{"prompt": "2", "answer": "zwöi"}]""");
        Write("set/more/3.csv", "prompt,answer\n3,\"drei, oder so\"\n");
        Write("set/notes.docx", "no examples");
        Write("set/.hidden.jsonl", "not read");

        var examples = ExampleFiles.Read(_folder["set"], null, null);

        Assert.Equal("JsonLines", examples.Format);
        Assert.Equal(["ein", "zwöi", "drei, oder so"], examples.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["answer"]!));
        Assert.EndsWith("notes.docx", Assert.Single(examples.Ignored), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_files_with_fields_of_their_own_names_need_none_afterwards()
    {
        Write("set/1.csv", "subject,team\nno signal,net\n");
        Write("set/2.jsonl", """{"subject": "no paper", "team": "office", "more": 1}""");

        var examples = ExampleFiles.Read(_folder["set"], "subject", "team");

        Assert.Equal("{\"prompt\":\"no signal\",\"answer\":\"net\"}\n{\"prompt\":\"no paper\",\"answer\":\"office\"}\n", examples.Text);
        Assert.Equal((null, null), (examples.InputField, examples.OutputField));
    }

    [Fact]
    public void Blank_lines_part_the_examples_of_plain_text()
    {
        var examples = Read("a.txt", "\nOne line.\nAnd another.\r\n\r\n  \nThe second.", null, null);

        Assert.Equal(("JsonLines", 2), (examples.Format, examples.Count));
        Assert.Equal("{\"text\":\"One line.\\nAnd another.\"}\n{\"text\":\"The second.\"}\n", examples.Text);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"prompt\": \"1\", \"answer\": \"one\"}\n{\"prompt\": \"2\"}", ":2: expected the field 'answer', found the fields prompt")]
    [InlineData("a.jsonl", "{\"prompt\": \"1\", \"answer\": \"\"}", ":1: expected something in the field 'answer', found nothing")]
    [InlineData("a.jsonl", "{\"prompt\": 1, \"answer\": 2}\nno json", ":2: expected a JSON object")]
    [InlineData("a.json", "[1]", ":1: expected a JSON object")]
    [InlineData("a.csv", "prompt,answer\n1,one,more", ":2: expected 2 fields, as the header has, found 3")]
    [InlineData("a.csv", "prompt,answer\n1,on\"e", ":2: expected quotes around the whole field")]
    [InlineData("a.csv", "prompt,answer\n1,\"one", ":2: expected a closing quote for the field that begins here, found the end of the file")]
    [InlineData("a.csv", "prompt,answer\n", "expected at least one sample, found none")]
    [InlineData("a.txt", "text", "Plain text has no fields")]
    [InlineData("a.xml", "<a/>", "expected a name that ends in .jsonl")]
    public void A_mistake_is_told_with_its_place(string name, string text, string message) =>
        Assert.Contains(message, Assert.Throws<PluginException>(() => Read(name, text, "prompt", "answer")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_not_there_or_is_no_text_is_told()
    {
        File.WriteAllBytes(_folder["bytes.jsonl"], [0xff, 0xfe, 0x00]);
        Directory.CreateDirectory(_folder["empty"]);
        Write("mixed/1.txt", "text");
        Write("mixed/2.csv", "a,b\n1,2\n");

        Assert.Contains(":1: expected UTF-8", Error("bytes.jsonl"), StringComparison.Ordinal);
        Assert.Contains("neither a file nor a folder", Error("nothing"), StringComparison.Ordinal);
        Assert.Contains("holds no file", Error("empty"), StringComparison.Ordinal);
        Assert.Contains("teach them as two skills", Error("mixed"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Assert.Throws<PluginException>(() => ExampleFiles.Read(_folder["mixed"], "a", null)).Code);

        string Error(string name) => Assert.Throws<PluginException>(() => ExampleFiles.Read(_folder[name], null, null)).Message;
    }

    public void Dispose() => _folder.Dispose();

    private Examples Read(string name, string text, string? input, string? output)
    {
        Write(name, text);
        return ExampleFiles.Read(_folder[name], input, output);
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }
}
