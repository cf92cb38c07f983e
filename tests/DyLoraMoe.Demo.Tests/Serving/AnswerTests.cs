using System.Text.Json.Nodes;
using DyLoraMoe.Demo.Serving;

namespace DyLoraMoe.Demo.Tests.Serving;

public sealed class AnswerTests
{
    [Fact]
    public void The_heaviest_expert_is_the_author()
    {
        var answer = Answer.Read(JsonNode.Parse("""
            {"choices": [{"text": " 5:06 pm"}], "dylora": {"experts": [{"name": "units", "weight": 0.04}, {"name": "clock", "weight": 0.955}]}}
            """)!.AsObject());

        Assert.Equal("5:06 pm", answer.Text);
        Assert.Equal("clock 96%", answer.Author);
    }

    [Fact]
    public void Without_experts_the_backbone_is() =>
        Assert.Equal("backbone", Answer.Read(JsonNode.Parse("""{"choices": [{"text": "x"}], "dylora": {"experts": []}}""")!.AsObject()).Author);
}
