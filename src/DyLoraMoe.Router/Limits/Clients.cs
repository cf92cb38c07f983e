namespace DyLoraMoe.Router.Limits;

/// <summary>Who a request comes from, for taking turns.</summary>
internal static class Clients
{
    private static readonly object _key = new();

    /// <summary>Notes whose key a request came with.</summary>
    public static void Note(HttpContext context, string name) => context.Items[_key] = name;

    /// <summary>The key's name, or the address where there are no keys.</summary>
    public static string Of(HttpContext context) => context.Items[_key] as string ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
