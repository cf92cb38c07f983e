namespace DyLoraMoe.Testing;

/// <summary>Finds the repository and the material that tests may read beside it.</summary>
public static class SharedFiles
{
    // What xUnit takes for Assert.Skip.
    private const string Skip = "$XunitDynamicSkip$";

    /// <summary>The folder that holds <c>DyLoraMoe.Operator.sln</c>.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>A path under the <c>shared</c> folder beside the repository, such as <c>fixtures/gpt2</c>.</summary>
    /// <param name="relative">Path below <c>shared</c>, with forward slashes.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder. With <c>DYLORA_SHARED=none</c> its message has xUnit skip the test.</exception>
    public static string Shared(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", relative));
        return Path.Exists(path) ? path : throw new FileNotFoundException($"{(IsLeftOut ? Skip : "")}Tests need {path}; check out the shared folder beside the repository.", path);
    }

    /// <summary>Whether this machine says that it has no such folder, so that tests which read it are skipped.</summary>
    public static bool IsLeftOut { get; } = Environment.GetEnvironmentVariable("DYLORA_SHARED") == "none";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DyLoraMoe.Operator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("DyLoraMoe.Operator.sln was not found above " + AppContext.BaseDirectory);
    }
}
