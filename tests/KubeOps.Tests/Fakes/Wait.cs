namespace KubeOps.Tests.Fakes;

internal static class Wait
{
    /// <summary>Waits until something holds, and fails after a while.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what, double seconds = 10)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(seconds);
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"Waited {seconds} s in vain: {what}.");
            await Task.Delay(10);
        }
    }

    /// <summary>Time for something that must not happen to happen.</summary>
    public static Task AMomentAsync() => Task.Delay(300);
}
