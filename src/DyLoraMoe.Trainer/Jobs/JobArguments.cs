using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>What a job is told on its command line.</summary>
/// <param name="Name">Name of the job; its checkpoints have it too.</param>
/// <param name="Request">The request's file.</param>
/// <param name="Store">The store that all jobs of a backbone share: a folder, or a place in a bucket.</param>
/// <param name="Backbone">The backbone's folder, or its place in a bucket.</param>
/// <param name="Data">The data's file or folder, or their place in a bucket; null for kinds that need none.</param>
/// <param name="Work">A folder for what may go when the job ends; null for one of its own.</param>
internal sealed record JobArguments(string Name, string Request, string Store, string Backbone, string? Data, string? Work)
{
    /// <summary>Folder for copies of what is in a bucket; null for one in the system's temporary folder.</summary>
    public string? Cache { get; init; }

    private const string BuiltIn = "builtin:";

    /// <summary>Says where models are that came with the program.</summary>
    public const string ModelsVariable = "DYLORA_MODELS";

    /// <summary>Where they are unless <see cref="ModelsVariable"/> says otherwise.</summary>
    public const string DefaultModels = "/opt/dylora/models";

    /// <summary>The data.</summary>
    /// <exception cref="InvalidInputException">None were named.</exception>
    public string RequiredData(JobKind kind) => Data ?? throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, $"A job of kind {kind} needs --data; the command line has none.");

    /// <summary>A backbone's folder by what an argument calls it.</summary>
    /// <param name="name">A folder, or <c>builtin:NAME</c>.</param>
    public static string FolderOf(string name) => name.StartsWith(BuiltIn, StringComparison.Ordinal)
        ? Path.Combine(Environment.GetEnvironmentVariable(ModelsVariable) is { Length: > 0 } models ? models : DefaultModels, Path.GetFileName(Path.TrimEndingDirectorySeparator(name[BuiltIn.Length..])))
        : name;
}
