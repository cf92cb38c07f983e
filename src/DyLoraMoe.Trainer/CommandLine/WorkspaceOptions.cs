using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say where a backbone keeps learning.</summary>
internal sealed class WorkspaceOptions
{
    private readonly Option<string?> _folder = OptionOf.Text("--workspace", "DIR", "The folder in which the backbone keeps learning.", required: true);

    private readonly Option<string?> _model = OptionOf.Text("--model", "DIR", "The backbone. [default: where the workspace found it first; required for a new workspace]");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_folder, _model];

    /// <summary>The backbone's folder, where it is named.</summary>
    public string? ModelOf(ParseResult parsed) => parsed.GetValue(_model);

    /// <summary>Opens the workspace.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="creates">How a new one reads data; null when none may be made.</param>
    public Workspace Open(ParseResult parsed, DataPolicy? creates = null) =>
        creates is null ? Workspace.Open(parsed.GetValue(_folder)!, ModelOf(parsed)) : Workspace.OpenOrCreate(parsed.GetValue(_folder)!, ModelOf(parsed), creates);
}
