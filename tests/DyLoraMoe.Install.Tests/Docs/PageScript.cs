using System.Globalization;
using System.Text;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>A page as one script: its commands as they stand, top to bottom, and its manifests put before the API server in between.</summary>
internal static class PageScript
{
    private const string Beginning = """
        set -Eeuo pipefail
        # What a page leaves running ends with it.
        trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true' EXIT
        trap 'code=$?; [[ $BASH_SUBSHELL == 0 ]] && echo "$PAGE, the block of line $BLOCK ended with $code: $BASH_COMMAND" >&2' ERR

        """;

    public static string Of(Page page, string manifestFolder)
    {
        Directory.CreateDirectory(manifestFolder);
        var script = new StringBuilder(Beginning).Append(CultureInfo.InvariantCulture, $"PAGE={page.Name}\n");
        foreach (var block in page.Blocks.Where(block => block.IsShell || block.IsManifest))
        {
            script.Append(CultureInfo.InvariantCulture, $"BLOCK={block.Line}; echo \"== $PAGE:$BLOCK\"\n");
            if (block.IsShell)
            {
                script.Append(block.Text).Append('\n');
                continue;
            }

            var file = Path.Combine(manifestFolder, $"line-{block.Line}.yaml");
            File.WriteAllText(file, block.Text + "\n");
            script.Append(CultureInfo.InvariantCulture, $"kubectl apply --server-side --force-conflicts --dry-run=server --validate=strict -f {file}\n");
        }

        return script.ToString();
    }
}
