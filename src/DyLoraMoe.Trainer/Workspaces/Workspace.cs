using System.Globalization;
using System.Text.Json;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// A folder in which a backbone keeps learning: artifacts named by content, the skill library, and one state file that is replaced
/// whole. One process works in it at a time; a kill at any moment leaves the last state, and the run that was killed goes on.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private const string StateFile = "workspace.json";
    private const string MemoryFile = "backbone.seen";
    private const string StoreName = "artifacts";

    private readonly FileStream? _lock;

    // What serves in a workspace that is over a store: sets there are no artifacts.
    private readonly Dictionary<string, PlacedSet>? _sets;

    private Workspace(string folder, FileStream holder, WorkspaceState state)
    {
        Folder = folder;
        _lock = holder;
        State = state;
        Store = new ArtifactStore(Path.Combine(folder, StoreName));
    }

    private Workspace(string folder, ArtifactStore store, WorkspaceState state)
    {
        Folder = folder;
        State = state;
        Store = store;
        _sets = new(StringComparer.Ordinal);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Datasets, experts, routers and sets.</summary>
    public ArtifactStore Store { get; }

    /// <summary>What has happened so far.</summary>
    public WorkspaceState State { get; private set; }

    /// <summary>The share that is held out of a dataset, where that is not the policy's; by digest.</summary>
    public IReadOnlyDictionary<string, int> HeldOutPercents { get; private init; } = new Dictionary<string, int>();

    private string Runs => Path.Combine(Folder, "runs");

    /// <summary>Where the skill library lives.</summary>
    public string LibraryFolder => Path.Combine(Folder, "library");

    /// <summary>Opens a workspace that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">Where the backbone is now; where it was when null.</param>
    /// <exception cref="InvalidDataException">There is none, it is of another format, or the backbone is another.</exception>
    public static Workspace Open(string folder, string? model = null) => Open(folder, model, data: null);

    /// <summary>Opens a workspace, or makes an empty one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The backbone's folder; needed for a new workspace.</param>
    /// <param name="data">How a new workspace reads data, for ever.</param>
    /// <exception cref="InvalidDataException">It is of another format, or the backbone is another.</exception>
    /// <exception cref="UsageException">It is new and no backbone is named.</exception>
    public static Workspace OpenOrCreate(string folder, string? model, DataPolicy data) => Open(folder, model, data);

    /// <summary>A workspace for one job, over a store that jobs share: its state is what the job was told, and nobody keeps it.</summary>
    /// <param name="folder">The job's own folder, where its library is put together.</param>
    /// <param name="store">The shared store.</param>
    /// <param name="state">What the job was told.</param>
    /// <param name="heldOutPercents">The share that is held out of a dataset, by digest.</param>
    public static Workspace OverStore(string folder, ArtifactStore store, WorkspaceState state, IReadOnlyDictionary<string, int> heldOutPercents) =>
        new(folder, store, state) { HeldOutPercents = heldOutPercents };

    /// <summary>Publishes a set, or notes it where sets are no artifacts.</summary>
    /// <param name="set">The set.</param>
    /// <param name="options">How its router turns scores into weights; null for what the router was fitted with.</param>
    /// <returns>Its digest.</returns>
    public string Place(SetDocument set, RouterOptions? options = null)
    {
        if (_sets is null)
        {
            return set.Publish(Store);
        }

        var digest = set.Digest(options);
        _sets[digest] = new PlacedSet(set, options);
        return digest;
    }

    /// <summary>A set that was placed.</summary>
    /// <param name="digest">Its digest.</param>
    public PlacedSet SetOf(string digest) => _sets is null ? new PlacedSet(SetDocument.Open(Store, digest), null) : _sets[digest];

    /// <summary>Names the set that serves in a workspace over a store.</summary>
    /// <param name="digest">Its digest; null for none.</param>
    public void Serve(string? digest) => State = State with { ActiveSet = digest };

    /// <summary>Replaces the state in one step. What was before it is to be removed next; a folder says so, should a kill come between.</summary>
    /// <param name="next">The new state; its generation is set here.</param>
    public void Commit(WorkspaceState next)
    {
        if (State.Generation > 0)
        {
            Directory.CreateDirectory(Path.Combine(Runs, State.Generation.ToString(CultureInfo.InvariantCulture)));
        }

        var state = next with { Generation = State.Generation + 1 };
        AtomicFile.WriteText(Path.Combine(Folder, StateFile), JsonText.Of(state));
        State = state;
    }

    /// <summary>The journal of a run, by which a killed run goes on.</summary>
    /// <param name="key">Names the run by what it starts from and what it is to do.</param>
    public RunJournal Journal(string key) => new(Path.Combine(Runs, State.Generation.ToString(CultureInfo.InvariantCulture), key));

    /// <summary>Removes artifacts that the state does not name, and what runs keep for going on. After a commit no run can go on from before it.</summary>
    public void RemoveLeftovers()
    {
        if (_sets is null)
        {
            NamedArtifacts.RemoveOthers(Store, State);
        }

        if (Directory.Exists(Runs))
        {
            Directory.Delete(Runs, recursive: true);
        }
    }

    // A kill may have come between a commit and the removal of what was before it, of which the runs go last.
    private void RemoveEarlierLeftovers()
    {
        var current = State.Generation.ToString(CultureInfo.InvariantCulture);
        if (Directory.Exists(Runs) && Directory.EnumerateFileSystemEntries(Runs).All(path => Path.GetFileName(path) != current))
        {
            RemoveLeftovers();
        }
    }

    /// <summary>Lets another process work in the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    private static Workspace Open(string folder, string? model, DataPolicy? data)
    {
        var full = Path.GetFullPath(folder);
        var file = Path.Combine(full, StateFile);
        if (!File.Exists(file))
        {
            if (data is null)
            {
                throw new InvalidDataException($"{folder} is no workspace: {StateFile} is missing. 'dylora learn --workspace {folder} --model DIR ...' makes one.");
            }

            if (model is null)
            {
                throw new UsageException($"{folder} is a new workspace: name its backbone with --model.");
            }

            if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any(path => !IsOfBirth(path)))
            {
                throw new InvalidDataException($"{folder} holds files but no {StateFile}; name an empty folder for a new workspace.");
            }
        }

        Directory.CreateDirectory(full);
        var holder = FolderLock.Open(full);
        try
        {
            var workspace = new Workspace(full, holder, File.Exists(file) ? Read(file) : new WorkspaceState { Backbone = BackboneIdentity.Of(model!, Path.Combine(full, MemoryFile)), Data = data! });
            workspace.Store.RemoveAbandoned();
            AtomicFile.RemoveAbandoned(full);
            AtomicFile.RemoveAbandoned(workspace.LibraryFolder, SearchOption.AllDirectories);
            if (!File.Exists(file))
            {
                workspace.Commit(workspace.State);
            }

            workspace.RemoveEarlierLeftovers();
            workspace.RequireBackbone(model);
            return workspace;
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    // What a workspace may have before its first state, should it be killed just then.
    private static bool IsOfBirth(string path) => Path.GetFileName(path) switch
    {
        FolderLock.FileName or MemoryFile => true,
        StoreName => Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any(),
        var name => name.EndsWith(".tmp", StringComparison.Ordinal),
    };

    private static WorkspaceState Read(string file)
    {
        try
        {
            var state = JsonText.Parse<WorkspaceState>(JsonDocument.Parse(File.ReadAllText(file)).RootElement);
            return state.Format == WorkspaceState.CurrentFormat
                ? state
                : throw new InvalidDataException($"{file} has format {state.Format}, expected {WorkspaceState.CurrentFormat}; another version of this program wrote it.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file} is damaged: {error.Message}", error);
        }
    }

    private void RequireBackbone(string? model)
    {
        var folder = model ?? State.Backbone.Path;
        if (!Directory.Exists(folder))
        {
            throw new InvalidDataException($"The workspace's backbone {folder} is not there; name the folder where it is now with --model.");
        }

        var found = BackboneIdentity.Of(folder, Path.Combine(Folder, MemoryFile));
        if (found.Digest != State.Backbone.Digest)
        {
            throw new InvalidDataException(
                $"{folder} is not the backbone of this workspace: its digest is {found.Digest}, expected {State.Backbone.Digest}. Experts fit the backbone they were trained on and no other.");
        }

        State = State with { Backbone = found };
    }
}
