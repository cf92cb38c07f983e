using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>Writes down, a line of JSON each, which rights callers needed and whether they had them; an administrator needs none.</summary>
internal sealed class AccessLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter? _file;

    /// <summary>Adds to a file, or writes nothing down when none is named.</summary>
    public AccessLog(SandboxOptions options) =>
        _file = options.AccessLog is { } path ? new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true } : null;

    /// <summary>Writes one down.</summary>
    public void Write(Caller caller, AccessQuestion question, bool allowed)
    {
        if (_file is null || caller.IsMaster)
        {
            return;
        }

        JsonObject line = new()
        {
            ["user"] = caller.Name,
            ["verb"] = question.Verb,
            ["group"] = question.Group,
            ["resource"] = question.Subresource.Length == 0 ? question.Resource : $"{question.Resource}/{question.Subresource}",
            ["namespace"] = question.Namespace,
            ["name"] = question.Name,
            ["path"] = question.Path,
            ["allowed"] = allowed,
        };
        lock (_gate)
        {
            _file.WriteLine(JsonText.String(line));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
