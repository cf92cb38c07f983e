using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Memory;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say which episodes of which memory.</summary>
internal sealed class EpisodeOptions
{
    private readonly Option<string?> _folder = OptionOf.Text("--store", "DIR", "The memory: the folder that a router was given with --memory.", required: true);

    private readonly Option<string?> _owner = OptionOf.Text("--owner", "NAME", "Name of the API key whose episodes are meant. [default: those of a router without keys]");

    private readonly Option<string?> _user = OptionOf.Text("--user", "KEY", "Only this user's.");

    private readonly Option<bool> _shared = OptionOf.Flag("--shared", "Only those that all users share.");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_folder, _owner, _user, _shared];

    /// <summary>Whether some of an owner's episodes are meant and not all.</summary>
    public bool IsNarrow(ParseResult parsed) => User(parsed) is not null || IsShared(parsed);

    /// <summary>Whose; null for shared ones, or for all when it is not narrow.</summary>
    public string? User(ParseResult parsed) => parsed.GetValue(_user);

    /// <summary>The owner.</summary>
    public string Owner(ParseResult parsed) => parsed.GetValue(_owner) ?? "";

    /// <summary>The episodes that are meant.</summary>
    public IReadOnlyList<Episode> In(EpisodeStore store, ParseResult parsed) =>
    [
        .. store.Episodes.Where(episode => episode.Owner == Owner(parsed) && (!IsNarrow(parsed) || episode.User == User(parsed))),
    ];

    /// <summary>Says how many files cannot be read, where there are some: nothing is done with them, whoever's they are.</summary>
    /// <param name="store">The memory, once it was read.</param>
    public static void SayUnreadable(EpisodeStore store)
    {
        if (store.Unreadable > 0)
        {
            Console.Error.WriteLine($"warning: {store.Unreadable} files of the memory cannot be read and are left alone; whose they are is not known. Restore them from a copy, or remove them by hand.");
        }
    }

    /// <summary>Opens the memory.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public EpisodeStore Open(ParseResult parsed)
    {
        var folder = parsed.GetValue(_folder)!;
        if (parsed.GetValue(_user) is { } user && (IsShared(parsed) || user.Length == 0))
        {
            throw new UsageException("Give either --user with a key, or --shared.");
        }

        return Directory.Exists(folder)
            ? new EpisodeStore(new EpisodeStoreOptions { Folder = folder }, TimeProvider.System)
            : throw new DirectoryNotFoundException($"{folder} does not exist.");
    }

    private bool IsShared(ParseResult parsed) => parsed.GetValue(_shared);
}
