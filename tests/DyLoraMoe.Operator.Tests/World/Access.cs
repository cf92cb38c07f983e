using DyLoraMoe.Operator.Cluster;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>What is done to what, in the words of RBAC.</summary>
internal sealed record Access(string Verb, string Group, string Resource) : IComparable<Access>
{
    public static Access To(string verb, Type type, string? subresource = null)
    {
        var kind = ResourceKind.Of(type);
        return new(verb, kind.Group, kind.Plural + (subresource is null ? "" : "/" + subresource));
    }

    public int CompareTo(Access? other) => string.CompareOrdinal(ToString(), other?.ToString());

    public override string ToString() => $"{Group}/{Resource} {Verb}";
}
