using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Completion;

/// <summary><c>kubectl dylora completion</c>: the script that lets a shell complete <c>kubectl-dylora</c>.</summary>
internal static class CompletionCommand
{
    /// <summary>The verb.</summary>
    public static Verb Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        return new PluginVerb("completion", "Print what a shell needs to complete kubectl-dylora.")
        {
            Details = "kubectl completes `kubectl dylora` by itself once its own completion is set up and kubectl_complete-dylora is on PATH beside kubectl-dylora. Names of objects come from the cluster.",
            Examples = ["source <(kubectl dylora completion bash)", "kubectl dylora completion fish > ~/.config/fish/completions/kubectl-dylora.fish"],
            Completes = CompletionSource.Shells,
        }.With(shell).Runs((parsed, _) =>
        {
            terminal.Writer.Write(CompletionScripts.For(parsed.GetValue(shell)!));
            return Task.FromResult(ExitCode.Done);
        });
    }
}
