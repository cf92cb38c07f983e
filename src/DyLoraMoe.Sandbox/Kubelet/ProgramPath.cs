namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Finds the program that a command names: in the image's folder, which stands for the root, then on this machine.</summary>
internal static class ProgramPath
{
    public static string? Resolve(string image, string name, string path)
    {
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            return path.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);
        }

        var plain = name.TrimStart('/');
        return Places(image, plain).FirstOrDefault(IsProgram) ?? (Path.IsPathRooted(name) && IsProgram(name) ? name : null);
    }

    public static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    /// <summary>An image's /opt/NAME/program or /app/program may lie at the top of its folder.</summary>
    private static IEnumerable<string> Places(string image, string plain)
    {
        yield return Path.Combine(image, plain);
        if (plain.StartsWith("opt/", StringComparison.Ordinal) || plain.StartsWith("app/", StringComparison.Ordinal))
        {
            yield return Path.Combine(image, Path.GetFileName(plain));
        }
    }
}
