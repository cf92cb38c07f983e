using System.Text;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>What a container says as it ends.</summary>
internal static class TerminationMessages
{
    private const int Limit = 4096;

    public static string? Read(V1Container container, PodFolder folder, int run, int exitCode)
    {
        var path = folder.TerminationMessage(container.Name);
        var text = "";
        if (File.Exists(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[Limit];
            text = Cut(Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, Limit, throwOnEndOfStream: false)), Limit, fromEnd: false);
        }

        if (text.Length == 0 && exitCode != 0 && container.TerminationMessagePolicy == "FallbackToLogsOnError")
        {
            text = LogLines.End(folder.Log(container.Name, run));
        }

        return text.Length > 0 ? text : null;
    }

    /// <summary>At most so many bytes of UTF-8, whole characters.</summary>
    public static string Cut(string text, int limit, bool fromEnd)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= limit)
        {
            return text;
        }

        if (fromEnd)
        {
            var start = bytes.Length - limit;
            while (start < bytes.Length && (bytes[start] & 0xC0) == 0x80)
            {
                start++;
            }

            return Encoding.UTF8.GetString(bytes, start, bytes.Length - start);
        }

        var end = limit;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}
