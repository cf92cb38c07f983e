using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Why;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>Shows how a skill gets on until it is served or refused. On a terminal one line changes in place; elsewhere each step is a line.</summary>
internal sealed class SkillWait(ClusterClient cluster, Terminal terminal, TimeProvider time)
{
    private const int PercentStep = 25;

    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(700);

    // Something may fail for a moment, such as a reference that a cache has not seen yet.
    private static readonly TimeSpan _lasting = TimeSpan.FromSeconds(3);

    /// <summary>Waits.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="patience">How long at most; null for as long as it takes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string skill, TimeSpan? patience, CancellationToken cancellation)
    {
        var (begin, refused, shown, errors) = (time.GetTimestamp(), (long?)null, "", new PassingErrors(Say));
        while (true)
        {
            if (await errors.OutlastAsync(() => cluster.LookAtAsync(skill, cancellation)).ConfigureAwait(false) is { } world)
            {
                var step = SkillStep.Of(world, skill);
                Show(step, ref shown);
                if (step.IsReady)
                {
                    End();
                    return ExitCode.Done;
                }

                refused = step.IsRefused ? refused ?? time.GetTimestamp() : null;
                if (refused is { } since && time.GetElapsedTime(since) >= _lasting)
                {
                    End();
                    foreach (var line in world.Skill(skill) is { } found ? SkillStory.Of(found, world, []).Skip(1) : [])
                    {
                        terminal.Error.WriteLine(line);
                    }

                    return ExitCode.Refused;
                }
            }

            if (patience is { } limit && time.GetElapsedTime(begin) > limit)
            {
                End();
                terminal.Error.WriteLine($"{Shell.Name} learn: not served within {Figures.Age(limit)}; it goes on without you: {Shell.Name} status");
                return ExitCode.TimedOut;
            }

            await Task.Delay(_between, time, cancellation).ConfigureAwait(false);
        }
    }

    private void Show(SkillStep step, ref string shown)
    {
        var mark = terminal.IsLive ? step.Line : $"{step.Text.Split(':')[0]} {step.IsReady} {step.Percent / PercentStep}";
        if (mark == shown)
        {
            return;
        }

        shown = mark;
        if (terminal.IsLive)
        {
            var width = Math.Max(terminal.Out.Profile.Width - 1, 20);
            terminal.Writer.Write($"\r\u001b[K{(step.Line.Length > width ? step.Line[..(width - 1)] + "…" : step.Line)}");
            terminal.Writer.Flush();
        }
        else
        {
            terminal.Writer.WriteLine(step.Line);
        }
    }

    private void Say(string error)
    {
        End();
        terminal.Error.WriteLine(error);
    }

    private void End()
    {
        if (terminal.IsLive)
        {
            terminal.Writer.WriteLine();
        }
    }
}
