using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>
/// The sandbox's part of 127.0.0.0/8: 127.N.0.0/17 for pods and 127.N.128.0/17 for Services. N is kept in the data folder, so
/// addresses survive a restart, and is held by a bound socket, so two sandboxes on one machine do not share it.
/// </summary>
internal sealed class LoopbackNetwork : IDisposable
{
    private const int ClaimPort = 6443;

    private readonly Socket _claim;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _pods = [];
    private int _next;

    private LoopbackNetwork(int octet, Socket claim)
    {
        Octet = octet;
        _claim = claim;
    }

    public int Octet { get; }

    /// <summary>Claims the number kept in the folder, or a free one when there is none yet.</summary>
    public static LoopbackNetwork Claim(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        var file = Path.Combine(dataDirectory, "network");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var kept))
        {
            return TryClaim(kept)
                ?? throw new IOException($"127.{kept}.0.0/16 is in use: another sandbox runs on {dataDirectory}, or took over its addresses ({file}).");
        }

        for (var attempt = 0; attempt < 200; attempt++)
        {
            var octet = 16 + ((Environment.ProcessId + attempt) % 200);
            if (TryClaim(octet) is { } network)
            {
                File.WriteAllText(file, octet.ToString(CultureInfo.InvariantCulture));
                return network;
            }
        }

        throw new IOException("No part of 127.16.0.0 to 127.215.0.0 is free: too many sandboxes run on this machine.");
    }

    /// <summary>An address for a pod that no other pod has now.</summary>
    public string TakePod()
    {
        lock (_gate)
        {
            for (var attempt = 0; attempt < 0x7000; attempt++)
            {
                _next = (_next % 0x7000) + 1;
                if ((_next & 0xff) is not (0 or 0xff) && _pods.Add(_next))
                {
                    return Address(_next);
                }
            }
        }

        throw new InvalidOperationException("All pod addresses are taken.");
    }

    /// <summary>Takes an address that a pod already had; false when another pod has it.</summary>
    public bool TakePod(string address)
    {
        lock (_gate)
        {
            return Number(address) is { } number && _pods.Add(number);
        }
    }

    public void ReturnPod(string address)
    {
        lock (_gate)
        {
            if (Number(address) is { } number)
            {
                _pods.Remove(number);
            }
        }
    }

    /// <summary>The first Service address after a preferred one that is not taken.</summary>
    public string ServiceAddress(string seed, Func<string, bool> isTaken)
    {
        var start = StableHash(seed) % 0x7e00;
        for (var attempt = 0; attempt < 0x7e00; attempt++)
        {
            var number = 0x8001 + ((start + attempt) % 0x7e00);
            var address = Address(number);
            if ((number & 0xff) is not (0 or 0xff) && !isTaken(address))
            {
                return address;
            }
        }

        throw new InvalidOperationException("All Service addresses are taken.");
    }

    public void Dispose() => _claim.Dispose();

    private static LoopbackNetwork? TryClaim(int octet)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.{octet}.255.254"), ClaimPort));
            return new LoopbackNetwork(octet, socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static int StableHash(string text) => text.Aggregate(17, (hash, letter) => ((hash * 31) + letter) & 0x7fffff);

    private string Address(int number) => $"127.{Octet}.{number >> 8}.{number & 0xff}";

    private int? Number(string address) => Parse(address) is { } number and < 0x8000 ? number : null;

    private int? Parse(string address)
    {
        var parts = address.Split('.');
        return parts.Length == 4 && parts[0] == "127" && parts[1] == Octet.ToString(CultureInfo.InvariantCulture)
            && byte.TryParse(parts[2], CultureInfo.InvariantCulture, out var high) && byte.TryParse(parts[3], CultureInfo.InvariantCulture, out var low)
            ? (high << 8) | low
            : null;
    }
}
