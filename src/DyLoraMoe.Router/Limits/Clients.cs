namespace DyLoraMoe.Router.Limits;

/// <summary>Who a request comes from, for taking turns and for what is remembered.</summary>
internal static class Clients
{
    private static readonly object _key = new();

    /// <summary>Notes whose key a request came with.</summary>
    public static void Note(HttpContext context, string name) => context.Items[_key] = name;

    /// <summary>Whose episodes a request may see: the key's name; empty where there are no keys.</summary>
    public static string OwnerOf(HttpContext context) => context.Items[_key] as string ?? "";

    /// <summary>The key's name, or the address where there are no keys.</summary>
    public static string Of(HttpContext context) => context.Items[_key] as string ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
