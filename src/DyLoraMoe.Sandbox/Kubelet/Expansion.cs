using System.Text;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Puts values of environment variables where <c>$(NAME)</c> stands; <c>$$</c> is one dollar, unknown names stay.</summary>
internal static class Expansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 >= text.Length)
            {
                result.Append(text[at]);
            }
            else if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at + 1] == '(' && text.IndexOf(')', at) is > 0 and var end)
            {
                var name = text[(at + 2)..end];
                result.Append(variables.TryGetValue(name, out var value) ? value : $"$({name})");
                at = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
