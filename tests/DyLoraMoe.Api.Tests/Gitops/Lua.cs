using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Api.Tests.Gitops;

/// <summary>Runs health checks of Argo CD in Debian's Lua. Argo CD's own has neither files nor modules, so these get none here.</summary>
internal static class Lua
{
    private const string Harness = """
        local allowed = { ipairs = ipairs, pairs = pairs, tostring = tostring, tonumber = tonumber, type = type, string = string, table = table, math = math }
        for _, case in ipairs(cases) do
          local env = setmetatable({ obj = case.obj }, { __index = allowed })
          local health = assert(load(scripts[case.kind], case.kind, "t", env))()
          print(health.status .. "\t" .. health.message)
        end
        """;

    /// <summary>The status and message of each resource, by the script of its kind.</summary>
    public static IReadOnlyList<(string Status, string Message)> Health(IReadOnlyDictionary<string, string> scripts, IEnumerable<JsonObject> resources)
    {
        var program = new StringBuilder("local scripts = {\n");
        foreach (var (kind, script) in scripts)
        {
            program.Append('[').Append(Text(kind)).Append("] = ").Append(Text(script)).Append(",\n");
        }

        program.Append("}\nlocal cases = {\n");
        foreach (var resource in resources)
        {
            program.Append("{ kind = ").Append(Text(resource["kind"]!.GetValue<string>())).Append(", obj = ");
            Table(program, resource);
            program.Append(" },\n");
        }

        return [.. Run(program.Append("}\n").Append(Harness).ToString()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .Select(parts => (parts[0], parts[1]))];
    }

    private static string Run(string program)
    {
        using var process = Process.Start(new ProcessStartInfo("lua5.3", "-")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(program);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            process.Kill();
            throw new TimeoutException("lua5.3 did not end within 30 seconds.");
        }

        return process.ExitCode == 0 ? output.Result : throw new InvalidDataException(errors.Result);
    }

    private static void Table(StringBuilder text, JsonNode node)
    {
        switch (node)
        {
            case JsonObject map:
                text.Append("{ ");
                foreach (var (key, value) in map)
                {
                    text.Append('[').Append(Text(key)).Append("] = ");
                    Table(text, value!);
                    text.Append(", ");
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append("{ ");
                foreach (var item in list)
                {
                    Table(text, item!);
                    text.Append(", ");
                }

                text.Append('}');
                break;
            default:
                text.Append(node.GetValueKind() == JsonValueKind.String ? Text(node.GetValue<string>()) : node.ToJsonString());
                break;
        }
    }

    // The space keeps [ and [==[ apart.
    private static string Text(string value) => " [==[\n" + value + "]==] ";
}
