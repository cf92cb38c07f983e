namespace DyLoraMoe.Demo;

/// <summary>What the program was asked for.</summary>
/// <param name="Stop">Whether to stop a system that was left running, and do no more.</param>
/// <param name="Root">The repository, with <c>bin/</c>, <c>crds/</c> and <c>config/</c>.</param>
/// <param name="Folder">Where all state goes.</param>
/// <param name="Short">Whether to teach two skills only and stop everything at the end.</param>
/// <param name="Data">A folder with real data sets to teach in place of the tasks that are made here; null for none.</param>
internal sealed record DemoOptions(bool Stop, string Root, string Folder, bool Short, string? Data = null)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = """
        usage: dylora-demo up [options] | dylora-demo down [options]

        up     starts a cluster on this machine, teaches a backbone skills, asks it, and leaves the system running
        down   stops a system that was left running

          --root DIR      the repository (default: the current folder)
          --folder DIR    where all state goes (default: ROOT/artifacts/demo)
          --short         one skill and its paraphrase, and nothing is left running
          --data DIR      teaches the data sets there (gsm8k.jsonl, mbpp.jsonl, codealpaca.json, tinyshakespeare.txt)
                          to a backbone that is pre-trained for them first
        """;

    /// <summary>The options, or null when help was asked for.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="current">The current folder.</param>
    /// <exception cref="FormatException">The arguments make no sense.</exception>
    public static DemoOptions? Parse(IReadOnlyList<string> arguments, string current)
    {
        string? verb = null, folder = null, data = null;
        var root = current;
        var isShort = false;
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            switch (argument)
            {
                case "-h" or "--help":
                    return null;
                case "--root":
                    root = Folder(++at);
                    break;
                case "--folder":
                    folder = Folder(++at);
                    break;
                case "--data":
                    data = Folder(++at);
                    break;
                case "--short":
                    isShort = true;
                    break;
                case "up" or "down" when verb is null:
                    verb = argument;
                    break;
                default:
                    throw new FormatException($"did not expect '{argument}'");
            }
        }

        return verb is null
            ? throw new FormatException("expected up or down")
            : new DemoOptions(verb == "down", root, folder ?? Path.Combine(root, "artifacts", "demo"), isShort, data);

        string Folder(int at) => at < arguments.Count && arguments[at].Length > 0
            ? Path.GetFullPath(arguments[at], current)
            : throw new FormatException($"expected a folder after {arguments[at - 1]}");
    }
}
