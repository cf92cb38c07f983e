namespace DyLoraMoe.Operator.Tests.Install;

/// <summary>Files of the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string Find(DirectoryInfo? folder) =>
        folder is null ? throw new DirectoryNotFoundException("DyLoraMoe.Operator.sln was not found above " + AppContext.BaseDirectory)
        : File.Exists(Path.Combine(folder.FullName, "DyLoraMoe.Operator.sln")) ? folder.FullName
        : Find(folder.Parent);
}
