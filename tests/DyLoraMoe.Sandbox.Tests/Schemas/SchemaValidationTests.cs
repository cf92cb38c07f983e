using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Tests.Schemas;

public sealed class SchemaValidationTests
{
    [Theory]
    [InlineData("^[a-z]+$", "abc", true)]
    [InlineData("^[a-z]+$", "abc\n", false)]
    [InlineData("[a-z]", "1a\n", true)]
    public void The_end_of_a_pattern_is_the_end_of_the_text(string pattern, string text, bool fits)
    {
        Schema schema = StructuralSchema.Read(new JsonObject { ["type"] = "string", ["pattern"] = pattern });
        List<FieldError> errors = [];

        SchemaValidation.Check(text, schema, "spec.name", errors);

        Assert.Equal(fits, errors.Count == 0);
    }

    [Fact]
    public void A_text_is_as_long_as_it_has_letters()
    {
        Schema schema = StructuralSchema.Read(new JsonObject { ["type"] = "string", ["maxLength"] = 3 });
        List<FieldError> errors = [];

        SchemaValidation.Check("äöü", schema, "spec.name", errors);
        SchemaValidation.Check("four", schema, "spec.name", errors);

        Assert.Equal(["spec.name: Too long: may not be longer than 3"], errors.Select(error => error.ToString()));
    }
}
