using DyLoraMoe.Sandbox.Kubelet;

namespace DyLoraMoe.Sandbox.Tests.Kubelet;

public class TextRulesTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["NAME"] = "value", ["EMPTY"] = "" };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("--x=$(NAME)", "--x=value")]
    [InlineData("$(EMPTY)$(NAME)", "value")]
    [InlineData("$(OTHER)", "$(OTHER)")]
    [InlineData("$$(NAME)", "$(NAME)")]
    [InlineData("$NAME $", "$NAME $")]
    [InlineData("$(NAME", "$(NAME")]
    public void Variables_are_expanded_as_in_a_pod(string text, string expected) =>
        Assert.Equal(expected, Expansion.Expand(text, Variables));

    [Theory]
    [InlineData("/store", "/host/a")]
    [InlineData("/store/checkpoints/x", "/host/a/checkpoints/x")]
    [InlineData("--store=/store", "--store=/host/a")]
    [InlineData("/stores", "/stores")]
    [InlineData("/var/store", "/var/store")]
    [InlineData("/store/inner/file", "/host/b/file")]
    [InlineData("cat /store/f >'/store/g'; ls /store", "cat /host/a/f >'/host/a/g'; ls /host/a")]
    [InlineData("http://host/store", "http://host/store")]
    [InlineData("/bin:/store/bin", "/bin:/host/a/bin")]
    public void Mount_paths_are_put_where_they_are_on_this_machine(string text, string expected) =>
        Assert.Equal(expected, new PathRewriter(new Dictionary<string, string> { ["/store"] = "/host/a", ["/store/inner/"] = "/host/b" }).Rewrite(text));

    [Theory]
    [InlineData("dylora-runtime", "/images/runtime")]
    [InlineData("dylora-runtime:dev", "/images/runtime")]
    [InlineData("ghcr.io/owner/dylora-runtime@sha256:00", "/images/runtime")]
    [InlineData("localhost:5000/dylora-runtime:1", "/images/runtime")]
    [InlineData("tool:2", "/images/tool2")]
    [InlineData("tool:3", null)]
    [InlineData("registry/any/thing", "/images/any")]
    [InlineData("runtime", null)]
    public void Images_are_found_by_name(string image, string? folder) =>
        Assert.Equal(folder, new ImageCatalog(["dylora-runtime=/images/runtime", "tool:2=/images/tool2", "registry/any/*=/images/any"]).Find(image));

    [Fact]
    public void An_image_rule_without_a_folder_is_refused() =>
        Assert.Contains("NAME[:TAG]=DIR", Assert.Throws<ArgumentException>(() => new ImageCatalog(["name"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("abc", 10, "abc")]
    [InlineData("abcdef", 4, "abcd")]
    [InlineData("aéé", 4, "aé")]
    public void Messages_are_cut_between_characters(string text, int limit, string expected) =>
        Assert.Equal(expected, TerminationMessages.Cut(text, limit, fromEnd: false));

    [Fact]
    public void The_end_of_a_log_is_cut_between_characters() =>
        Assert.Equal("éb", TerminationMessages.Cut("aééb", 4, fromEnd: true));
}
