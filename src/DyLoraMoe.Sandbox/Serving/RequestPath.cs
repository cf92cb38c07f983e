namespace DyLoraMoe.Sandbox.Serving;

/// <summary>A path below /api or /apis, taken apart.</summary>
internal sealed record RequestPath(string Group, string Version, string Namespace, string Plural, string Name, string Subresource)
{
    /// <summary>Takes a path apart; null when it names no resource.</summary>
    public static RequestPath? Parse(string path)
    {
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        string[] rest;
        string group, version;
        if (parts is ["api", var core, _, ..])
        {
            (group, version, rest) = ("", core, parts[2..]);
        }
        else if (parts is ["apis", var name, var number, _, ..])
        {
            (group, version, rest) = (name, number, parts[3..]);
        }
        else
        {
            return null;
        }

        string space = "";
        if (rest is ["namespaces", var own, ..])
        {
            if (rest.Length > 2 && !(group.Length == 0 && rest is [_, _, "status" or "finalize"]))
            {
                (space, rest) = (own, rest[2..]);
            }
        }

        return rest switch
        {
            [var plural] => new RequestPath(group, version, space, plural, "", ""),
            [var plural, var name] => new RequestPath(group, version, space, plural, name, ""),
            [var plural, var name, .. var sub] => new RequestPath(group, version, space, plural, name, string.Join('/', sub)),
            _ => null,
        };
    }
}
