namespace DyLoraMoe.Router.Sets;

/// <summary>Finds the folder of a backbone.</summary>
internal static class BackboneFolder
{
    /// <summary>What a backbone that comes with the image begins with.</summary>
    public const string Builtin = "builtin:";

    private const string Variable = "DYLORA_MODELS";
    private const string Default = "/opt/dylora/models";

    /// <summary>The folder that an argument means.</summary>
    /// <param name="argument">A path, or <c>builtin:NAME</c>.</param>
    /// <param name="environment">Reads a variable of the environment.</param>
    public static string Resolve(string argument, Func<string, string?> environment)
    {
        if (!argument.StartsWith(Builtin, StringComparison.Ordinal))
        {
            return Path.GetFullPath(argument);
        }

        var name = argument[Builtin.Length..];
        if (name.Length == 0 || name != Path.GetFileName(name) || name.StartsWith('.'))
        {
            throw new SetException("backbone", $"'{argument}' names no builtin backbone; expected {Builtin} and the plain name of a folder of models.");
        }

        var models = environment(Variable) is { Length: > 0 } folder ? folder : Default;
        var path = Path.Combine(Path.GetFullPath(models), name);
        return Directory.Exists(path)
            ? path
            : throw new SetException("backbone", $"The builtin backbone '{name}' is not in {models}; set {Variable} to the folder that holds it.");
    }
}
