using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Serving;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>The ports of the node that NodePort and LoadBalancer Services have: given once, kept until they are no longer needed, each to one Service.</summary>
internal static class NodePorts
{
    private const int First = 30000;
    private const int Last = 32767;

    // Sandboxes on one machine begin at different ports, and no two requests at once get the same.
    private static int _given = Environment.ProcessId;

    /// <summary>Whether a Service is reached by ports of the node.</summary>
    public static bool Needs(JsonNode? service) => service.Text("spec", "type") is "NodePort" or "LoadBalancer";

    /// <summary>Keeps what a Service had, gives it what it lacks, and refuses what it may not have.</summary>
    public static void Assign(JsonObject item, JsonObject? old, StoreView view)
    {
        List<JsonObject> ports = [.. item.Items("spec", "ports").OfType<JsonObject>()];
        if (!Needs(item))
        {
            Release(ports, old);
            return;
        }

        HashSet<long> own = Needs(old) ? Numbers(old) : [];
        Keep(ports, own, old);
        HashSet<long> taken = [.. view.List("/services").Where(other => other.Key.Namespace != item.Text("metadata", "namespace") || other.Key.Name != item.Text("metadata", "name"))
            .SelectMany(other => Numbers(other.Shared))];
        for (int at = 0; at < ports.Count; at++)
        {
            if (ports[at].Whole("nodePort") is not 0 and { } asked && !own.Contains(asked) && (asked is < First or > Last || taken.Contains(asked)))
            {
                string why = taken.Contains(asked) ? "provided port is already allocated" : $"provided port is not in the valid range. The range of valid ports is {First}-{Last}";
                throw ApiException.Invalid("", "Service", item.Text("metadata", "name") ?? "", [FieldError.Invalid($"spec.ports[{at}].nodePort", asked, why)]);
            }
        }

        if (item.Text("spec", "type") == "NodePort" || item.Flag("spec", "allocateLoadBalancerNodePorts") != false)
        {
            taken.UnionWith(Numbers(item));
            foreach (JsonObject port in ports.Where(Lacks))
            {
                long given = ports.Find(other => !Lacks(other) && other.Whole("port") == port.Whole("port") && other.Text("protocol") != port.Text("protocol")).Whole("nodePort")
                    ?? Next(taken);
                port["nodePort"] = given;
                taken.Add(given);
            }
        }
    }

    // A Service that needs no ports of the node any more loses them, unless it asks for others: that is an error to be told.
    private static void Release(List<JsonObject> ports, JsonObject? old)
    {
        HashSet<long> own = Needs(old) ? Numbers(old) : [];
        foreach (JsonObject port in ports.Where(port => Lacks(port) || (port.Whole("nodePort") is { } number && own.Contains(number))))
        {
            port.Remove("nodePort");
        }
    }

    private static void Keep(List<JsonObject> ports, HashSet<long> own, JsonObject? old)
    {
        HashSet<long> used = [.. ports.Select(port => port.Whole("nodePort") ?? 0)];
        foreach (JsonObject port in ports.Where(Lacks))
        {
            if (old.Items("spec", "ports").FirstOrDefault(before => (before.Text("name") ?? "") == (port.Text("name") ?? "")).Whole("nodePort") is { } number
                && own.Contains(number) && used.Add(number))
            {
                port["nodePort"] = number;
            }
        }
    }

    private static bool Lacks(JsonObject port) => port["nodePort"] is null || port.Whole("nodePort") == 0;

    private static HashSet<long> Numbers(JsonNode? service) => [.. service.Items("spec", "ports").Select(port => port.Whole("nodePort") ?? 0).Where(number => number != 0)];

    private static long Next(HashSet<long> taken)
    {
        for (int tries = First; tries <= Last; tries++)
        {
            long number = First + (int)((uint)Interlocked.Increment(ref _given) % (Last - First + 1));
            if (!taken.Contains(number) && IsFree((int)number))
            {
                return number;
            }
        }

        throw new ApiException(500, "InternalError", $"Internal error occurred: failed to allocate a nodePort: every port from {First} to {Last} is a Service's or in use on this machine");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener probe = new(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
