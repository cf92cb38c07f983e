using System.Globalization;
using System.Runtime.InteropServices;

namespace DyLoraMoe.Demo.Processes;

/// <summary>A process of this machine. Its start time goes with its number, since numbers are given to others later.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Id">Its number.</param>
/// <param name="Started">When it was started, in ticks since the machine was.</param>
internal sealed partial record RunningProcess(string Name, int Id, long Started)
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether it runs still.</summary>
    public bool IsAlive => StartOf(Id) == Started;

    /// <summary>The process of that number; null when there is none.</summary>
    public static RunningProcess? Find(string name, int id) => StartOf(id) is { } started ? new RunningProcess(name, id, started) : null;

    /// <summary>Asks it to end, and ends it when it takes longer than <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        Send(Terminate);
        if (!await EndsWithinAsync(grace, time))
        {
            Send(Kill);
            await EndsWithinAsync(grace, time);
        }
    }

    private void Send(int signal)
    {
        if (IsAlive)
        {
            _ = Signal(Id, signal);
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit, TimeProvider time)
    {
        var begin = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(begin) > limit)
            {
                return false;
            }

            await Task.Delay(_between, time);
        }

        return true;
    }

    private static long? StartOf(int id)
    {
        try
        {
            // The second field is a name in parentheses and may hold anything; the state is the third, the start time the 22nd.
            var line = File.ReadAllText($"/proc/{id}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
