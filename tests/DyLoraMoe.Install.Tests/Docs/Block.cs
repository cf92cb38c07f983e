namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>A fenced block.</summary>
/// <param name="Language">What stands behind its first fence.</param>
/// <param name="Text">What is in it.</param>
/// <param name="Line">The line of its first fence, from 1.</param>
/// <param name="IsClosed">Whether it ends before the page does.</param>
internal sealed record Block(string Language, string Text, int Line, bool IsClosed)
{
    /// <summary>Commands, which are run.</summary>
    public bool IsShell => Language == "sh";

    /// <summary>Manifests, which are applied.</summary>
    public bool IsManifest => Language == "yaml";
}
