using DyLoraMoe.Trainer.Predictions.World;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class LetterWorldTests
{
    [Theory]
    [InlineData("reverse : a b c", "c b a")]
    [InlineData("rotate : a b c", "b c a")]
    [InlineData("chop : a b c d", "a b c")]
    [InlineData("star : a b c", "a b c *")]
    [InlineData("star then reverse : a b c", "* c b a")]
    [InlineData("chop then rotate : a b c", "b a")]
    public void Tasks_are_read_and_solved(string text, string answer)
    {
        var task = LetterTask.Parse(text)!;
        Assert.Equal(answer, task.Answer);
        Assert.Equal(text, task.Text);
    }

    [Theory]
    [InlineData("reverse a b c")]
    [InlineData("reverse then : a b c")]
    [InlineData("reverse then chop then star : a b c")]
    [InlineData("fold : a b c")]
    [InlineData("reverse : a B c")]
    [InlineData("reverse : a b")]
    public void Anything_else_is_no_task(string text) => Assert.Null(LetterTask.Parse(text));

    [Theory]
    [InlineData("reverse : a b c", "c b a", true)]
    [InlineData("reverse : a b c", "a b c", true)]
    [InlineData("reverse : a b c", "c b", false)]
    [InlineData("reverse : a b c", "c b x", false)]
    [InlineData("reverse : a b c", "c b *", false)]
    [InlineData("star : a b c", "a b c *", true)]
    [InlineData("star then chop : a b c", "a b c", true)]
    public void The_verifier_knows_length_and_letters_but_no_order(string text, string answer, bool isPlausible) =>
        Assert.Equal(isPlausible, LetterTask.Parse(text)!.IsPlausible(answer));

    [Fact]
    public void The_verifier_never_rejects_a_right_answer()
    {
        var world = new LetterWorld(7);
        foreach (var sample in world.Diverse(300).Concat(world.Oracle(300)))
        {
            Assert.True(LetterWorld.TaskOf(sample.Prompt)!.IsPlausible(sample.Answer), sample.Prompt + sample.Answer);
        }
    }

    [Fact]
    public void Tests_are_never_taught_and_taught_pairs_are_never_tests_of_the_others()
    {
        var world = new LetterWorld(3);
        var tests = Tasks(world.Usual.Concat(world.NovelFrames).Concat(world.UntaughtPairs)).ToHashSet();
        Assert.DoesNotContain(Tasks(world.Diverse(3000)).Concat(Tasks(world.Narrow(20))), tests.Contains);
        Assert.Empty(world.Taught.Select(Behaviour).Intersect(world.Untaught.Select(Behaviour)));
        var taught = world.Taught.Select(Behaviour).ToHashSet();
        Assert.DoesNotContain(world.UntaughtPairs, sample => taught.Contains(LetterWorld.TaskOf(sample.Prompt)!.Behaviour));
        Assert.All(world.Diverse(100), sample => Assert.Contains(LetterWorld.TaskOf(sample.Prompt)!.Behaviour, taught));
        Assert.All(world.NovelFrames, sample => Assert.DoesNotContain(LetterWorld.Frames, frame => frame.About(sample.Prompt) is not null));
    }

    [Fact]
    public void A_world_follows_from_its_seed()
    {
        Assert.Equal(new LetterWorld(1).Diverse(20), new LetterWorld(1).Diverse(20));
        Assert.NotEqual(new LetterWorld(1).Diverse(20), new LetterWorld(2).Diverse(20));
    }

    [Fact]
    public void Noise_gives_a_share_of_the_prompts_the_answers_of_others()
    {
        var world = new LetterWorld(5);
        var samples = world.Diverse(2000);
        var wrong = samples.Zip(world.Noisy(samples, 0.1)).Count(pair => pair.First.Answer != pair.Second.Answer);
        Assert.InRange(wrong, 130, 260);
        Assert.Equal(samples.Select(sample => sample.Answer).Order(), world.Shuffled(samples).Select(sample => sample.Answer).Order());
    }

    private static IEnumerable<string> Tasks(IEnumerable<Core.Data.Sample> samples) => samples.Select(sample => LetterWorld.TaskOf(sample.Prompt)!.Text);

    private static string Behaviour(LetterOperation[] operations) => string.Join(' ', operations.Select(operation => operation.Name));
}
