namespace DyLoraMoe.ClusterHarness;

/// <summary>The programs that the build of these tests' own configuration left.</summary>
internal static class Programs
{
    public static string Sandbox { get; } = Find("DyLoraMoe.Sandbox", "dylora-sandbox");

    public static string Demo { get; } = Find("DyLoraMoe.Demo", "dylora-demo");

    public static string Operator { get; } = Find("DyLoraMoe.Operator", "dylora-operator");

    public static string Trainer { get; } = Find("DyLoraMoe.Trainer", "dylora");

    public static string Router { get; } = Find("DyLoraMoe.Router", "dylora-router");

    public static string Plugin { get; } = Find("DyLoraMoe.Kubectl", "kubectl-dylora");

    public static string StubTrainer { get; } = Find("DyLoraMoe.StubTrainer", "dylora");

    public static string StubRouter { get; } = Find("DyLoraMoe.StubRouter", "dylora-router");

    private static string Find(string project, string program)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"Expected {path}; build the solution first.", path);
    }
}
