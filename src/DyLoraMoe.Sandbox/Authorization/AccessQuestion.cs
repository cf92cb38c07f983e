namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>What somebody wants to do.</summary>
internal sealed record AccessQuestion(string Verb)
{
    /// <summary>The API group, empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The resource in paths; empty when the path is no resource's.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource, empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace, empty for all or none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object, empty for all.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path, when it is no resource's.</summary>
    public string Path { get; init; } = "";

    /// <summary>The question in words, for a refusal.</summary>
    public string Refusal(Caller caller)
    {
        if (Resource.Length == 0)
        {
            return $"User \"{caller.Name}\" cannot {Verb} path \"{Path}\"";
        }

        string resource = Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
        string where = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return $"User \"{caller.Name}\" cannot {Verb} resource \"{resource}\" in API group \"{Group}\" {where}";
    }
}
