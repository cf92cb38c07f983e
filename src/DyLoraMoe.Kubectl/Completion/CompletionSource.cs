namespace DyLoraMoe.Kubectl.Completion;

/// <summary>What may stand in a place of the command line.</summary>
internal enum CompletionSource
{
    /// <summary>Anything; nothing is proposed.</summary>
    Nothing,

    /// <summary>A file or folder.</summary>
    Files,

    /// <summary>A backbone.</summary>
    Backbones,

    /// <summary>A skill, an expert, a backbone, a night or a growth.</summary>
    Subjects,

    /// <summary>An expert.</summary>
    Experts,

    /// <summary>A namespace.</summary>
    Namespaces,

    /// <summary>A context of the kubeconfig.</summary>
    Contexts,

    /// <summary>A revision of the backbone that is named.</summary>
    Revisions,

    /// <summary>A shell.</summary>
    Shells,
}
