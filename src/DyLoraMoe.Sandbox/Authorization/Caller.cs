namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>Who asks.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Uid">The uid, empty when there is none.</param>
internal sealed record Caller(string Name, IReadOnlyList<string> Groups, string Uid = "")
{
    /// <summary>The group that may do everything.</summary>
    public const string Masters = "system:masters";

    /// <summary>The group of everybody whose name is known.</summary>
    public const string Authenticated = "system:authenticated";

    private const string AccountPrefix = "system:serviceaccount:";

    /// <summary>The kubeconfig's administrator.</summary>
    public static Caller Admin { get; } = new("kubernetes-admin", [Masters, Authenticated]);

    /// <summary>Whether the caller may do everything.</summary>
    public bool IsMaster => Groups.Contains(Masters);

    /// <summary>A service account.</summary>
    public static Caller Account(string space, string name, string uid) =>
        new($"{AccountPrefix}{space}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{space}", Authenticated], uid);

    /// <summary>Somebody by name alone, as an administrator may pose.</summary>
    public static Caller Named(string name, IReadOnlyList<string> groups) =>
        name.StartsWith(AccountPrefix, StringComparison.Ordinal) && name[AccountPrefix.Length..].Split(':') is [var space, var account]
            ? Account(space, account, "") with { Groups = [.. Account(space, account, "").Groups, .. groups] }
            : new Caller(name, [.. groups, Authenticated]);
}
