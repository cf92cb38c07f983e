using System.CommandLine;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Tests.CommandLine;

public class RecipeOptionsTests
{
    [Theory]
    [InlineData(50)]
    [InlineData(8, "--steps", "100")]
    [InlineData(7, "--steps", "100", "--evaluate-every", "7")]
    [InlineData(2, "--tokens", "60000")]
    [InlineData(8, "--tokens", "10000000", "--steps", "100")]
    public void A_lesson_is_evaluated_as_often_as_its_steps_or_tokens_ask_for(int every, params string[] args)
    {
        var recipe = new RecipeOptions();
        var command = new RootCommand();
        foreach (var option in recipe.All)
        {
            command.Options.Add(option);
        }

        Assert.Equal(every, recipe.OfLesson(command.Parse(args)).EvaluateEvery);
        Assert.Equal(args.Contains("--evaluate-every") ? every : 50, recipe.Of(command.Parse(args)).EvaluateEvery);
    }
}
