using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>
/// Renders the chart: with <c>helm</c> where it is installed, else with eng/helm-render, which is built on first use. Values and notes always come
/// from the latter, since Helm tells them only to a cluster.
/// </summary>
internal static class Renderer
{
    private static readonly Lazy<string> _own = new(Build);
    private static readonly string? _helm = ChildProcess.Find("helm");

    public static string ChartFolder { get; } = Path.Combine(SharedFiles.RepositoryRoot, "charts", "dylora-moe");

    /// <summary>All manifests that an installation makes, hooks included.</summary>
    public static string Template(ChartCase values) => Run(_helm ?? _own.Value, "template", values);

    /// <summary>The text after an installation.</summary>
    public static string Notes(ChartCase values) => Run(_own.Value, "notes", values);

    /// <summary>The values that templates see, as JSON.</summary>
    public static string Values(ChartCase values) => Run(_own.Value, "values", values);

    private static string Run(string program, string command, ChartCase values)
    {
        using var folder = new TemporaryFolder();
        List<string> args = [command, values.Release, values.Chart, "--namespace", values.Namespace];
        if (values.Yaml.Length > 0)
        {
            File.WriteAllText(folder["values.yaml"], values.Yaml);
            args.AddRange(["--values", folder["values.yaml"]]);
        }

        args.AddRange(values.Set.SelectMany(set => new[] { "--set", set }));
        args.AddRange(values.KnowsBackbones ? ["--api-versions", "dylora.dev/v1alpha1/Backbone"] : []);
        var (code, output, errors) = ChildProcess.Run(program, args);
        return code == 0 ? output : throw new RenderException(errors);
    }

    // GOPATH mode: Debian's packages are sources below /usr/share/gocode.
    private static string Build()
    {
        var source = Path.Combine(SharedFiles.RepositoryRoot, "eng", "helm-render");
        var program = Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "helm-render", "helm-render");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        var (code, _, errors) = ChildProcess.Run("go", ["build", "-o", program, .. Directory.GetFiles(source, "*.go")], ("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode"), ("GOFLAGS", ""));
        return code == 0 ? program : throw new InvalidOperationException($"eng/helm-render could not be built; eng/prerequisites.sh test installs what it needs. {errors}");
    }
}

/// <summary>The chart could not be rendered.</summary>
internal sealed class RenderException(string message) : Exception(message);
