namespace DyLoraMoe.StubTrainer;

/// <summary>The command line of <c>dylora job</c>.</summary>
internal sealed record Arguments(string Name, string Request, string Store, string? Data, string? TerminationMessage)
{
    public static Arguments Parse(string[] args)
    {
        if (args is not ["job", .. var rest])
        {
            throw new ArgumentException($"Expected 'job' and its options, found '{string.Join(' ', args)}'.");
        }

        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < rest.Length; index++)
        {
            var (name, value) = rest[index].Split('=', 2) is [var key, var inline] ? (key, inline) : (rest[index], rest[++index]);
            options[name] = value;
        }

        return new Arguments(options["--name"], options["--request"], options["--store"], options.GetValueOrDefault("--data"), options.GetValueOrDefault("--termination-message"));
    }
}
