using System.Security.Cryptography;
using System.Text;

namespace KubeOps.Operator.Events;

/// <summary>Names of events, such that the same event has the same name.</summary>
public static class EventNameEncoder
{
    /// <summary>The name of an event in the cluster.</summary>
    /// <param name="eventName">What tells the event from others.</param>
    /// <returns>Its SHA-512 in hexadecimal.</returns>
    public static string Encode(string eventName) =>
        Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(eventName)));
}
