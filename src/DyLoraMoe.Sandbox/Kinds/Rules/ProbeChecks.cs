using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes probes and hooks invalid.</summary>
internal static class ProbeChecks
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc"];

    /// <summary>Checks a probe; one that stops containers succeeds at once.</summary>
    public static void Check(JsonObject? probe, string path, bool once, List<FieldError> errors)
    {
        if (probe is null)
        {
            return;
        }

        Hook(probe, path, errors);
        ValueChecks.NotNegative(probe, path, errors, "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold");
        if (once && probe.Whole("successThreshold") is not 1 and { } threshold)
        {
            errors.Add(FieldError.Invalid($"{path}.successThreshold", threshold, "must be 1"));
        }
    }

    /// <summary>Checks what a probe or hook does: one thing.</summary>
    public static void Hook(JsonObject? handler, string path, List<FieldError> errors)
    {
        if (handler is null)
        {
            return;
        }

        bool any = false;
        foreach (string name in Handlers.Where(name => handler.Map(name) is not null))
        {
            if (any)
            {
                errors.Add(FieldError.Forbidden($"{path}.{name}", "may not specify more than 1 handler type"));
                continue;
            }

            any = true;
            JsonObject action = handler.Map(name)!;
            if (name != "exec")
            {
                ValueChecks.PortOrName(action["port"], $"{path}.{name}.port", errors);
            }
            else if (action.Items("command").Count == 0)
            {
                errors.Add(FieldError.Required($"{path}.exec.command"));
            }
        }

        if (!any)
        {
            errors.Add(FieldError.Required(path, "must specify a handler type"));
        }
    }
}
