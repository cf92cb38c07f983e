using System.Numerics;
using System.Text;

namespace DyLoraMoe.Core.Memory;

/// <summary>
/// The fast memory: episodes on disk, bounded in number, bytes and time, the oldest going first, and marks of those that experts have learnt, bounded in number. Safe to use from several threads, and from
/// several processes on one folder: what one has written or removed, the others see at their next look.
/// </summary>
/// <param name="options">Where, how many, how long.</param>
/// <param name="time">The clock.</param>
public sealed class EpisodeStore(EpisodeStoreOptions options, TimeProvider time)
{
    // Longer than a file system may take to show another time for another change.
    private static readonly TimeSpan _clockGrain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestWrite = TimeSpan.FromMinutes(1);

    // A large folder that changes all the time is looked at for a tenth of the time and no more.
    private const int PauseFactor = 10;
    private static readonly TimeSpan _quickLook = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly EpisodeFolder _folder = new(options.Folder);
    private readonly Dictionary<string, long> _uses = new(StringComparer.Ordinal);
    private IReadOnlyList<(Episode Episode, long Bytes)> _listed = [];
    private IReadOnlyList<Episode> _episodes = [];
    private DateTime? _changed;
    private bool _isSettled;
    private long _looked;
    private TimeSpan _pause;

    /// <summary>All episodes, the newest first.</summary>
    public IReadOnlyList<Episode> Episodes
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _episodes;
            }
        }
    }

    /// <summary>Bytes of all episodes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _listed.Sum(each => each.Bytes);
            }
        }
    }

    /// <summary>Files of the folder that look like episodes and cannot be read.</summary>
    public int Unreadable => _folder.Unreadable;

    /// <summary>Marks of episodes that experts have learnt.</summary>
    public IReadOnlyList<Promotion> Promotions => _folder.Promotions();

    /// <summary>Keeps an episode. The same question again replaces the answer and counts as a recurrence.</summary>
    /// <param name="episode">The episode.</param>
    /// <returns>The episode as it is kept.</returns>
    /// <exception cref="ArgumentException">It is larger than an eighth of what may be kept.</exception>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public Episode Remember(Episode episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var size = Encoding.UTF8.GetByteCount(episode.Prompt) + Encoding.UTF8.GetByteCount(episode.Answer) + (2L * episode.Embedding.Length);
        if (size > options.MaxBytes / 8)
        {
            throw new ArgumentException($"The episode takes about {size} bytes; at most {options.MaxBytes / 8} are kept of one.", nameof(episode));
        }

        lock (_lock)
        {
            var before = _folder.Find(episode.Id);
            var kept = episode with
            {
                First = before?.First ?? episode.First,
                Recurrence = (before?.Recurrence ?? 0) + episode.Recurrence,
                AnswerSince = before?.Answer == episode.Answer ? before.AnswerSince ?? before.Time : episode.Time,
            };
            _folder.Write(kept);
            Keep();
            return kept;
        }
    }

    /// <summary>Describes an episode anew: set, space, embedding and surprise. All else stays as it is kept.</summary>
    /// <param name="described">The episode as it was read, with the new description.</param>
    /// <returns>False when it is gone, or was told anew since.</returns>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public bool Describe(Episode described)
    {
        ArgumentNullException.ThrowIfNull(described);
        lock (_lock)
        {
            if (_folder.Find(described.Id) is not { } present || present.Answer != described.Answer)
            {
                return false;
            }

            var kept = present with { Set = described.Set, Space = described.Space, Embedding = described.Embedding, Surprise = described.Surprise };
            var isKept = _folder.Replace(present, kept);
            Keep();
            return isKept;
        }
    }

    /// <summary>Counts a use. It is written down at every doubling, so that a popular episode costs no writing.</summary>
    /// <param name="id">Name of the episode.</param>
    public void Use(string id)
    {
        lock (_lock)
        {
            Refresh();
            if (_episodes.FirstOrDefault(episode => episode.Id == id) is not { } used)
            {
                return;
            }

            var uses = _uses[id] = Math.Max(_uses.GetValueOrDefault(id), used.Uses) + 1;
            if (BitOperations.IsPow2(uses))
            {
                _folder.WriteUses(id, uses);
            }
        }
    }

    /// <summary>Removes an episode, or the mark that is left of it.</summary>
    /// <param name="owner">Name of the API key; another's episode is not found.</param>
    /// <param name="id">Name of the episode.</param>
    public Forgotten Forget(string owner, string id) => Forget(episode => episode.Owner == owner && episode.Id == id, mark => mark.Owner == owner && mark.Id == id, id);

    /// <summary>Removes everything of a user.</summary>
    /// <param name="owner">Name of the API key.</param>
    /// <param name="user">The user; null for what all share.</param>
    public Forgotten ForgetUser(string owner, string? user) => Forget(episode => episode.Owner == owner && episode.User == user, mark => mark.Owner == owner && mark.User == user);

    /// <summary>Those of some episodes that are there with the answers that they had.</summary>
    /// <param name="episodes">The episodes as they were read.</param>
    public IReadOnlyList<Episode> StillThere(IEnumerable<Episode> episodes)
    {
        var present = Episodes.Select(episode => (episode.Id, episode.Answer)).ToHashSet();
        return [.. episodes.Where(episode => present.Contains((episode.Id, episode.Answer)))];
    }

    /// <summary>Removes episodes that experts have learnt and leaves a mark for each of those. One whose answer has changed since stays, whoever changes it and however late.</summary>
    /// <param name="episodes">The episodes as the experts have learnt them.</param>
    /// <param name="experts">The experts.</param>
    /// <returns>Names of those that left.</returns>
    public IReadOnlyList<string> Promote(IEnumerable<Episode> episodes, params IReadOnlyList<string> experts)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(experts);
        lock (_lock)
        {
            List<string> left = [];
            foreach (var episode in episodes)
            {
                if (_folder.Find(episode.Id)?.Answer != episode.Answer)
                {
                    continue;
                }

                // Marks first: whoever is killed in between leaves one too many rather than one too few. Of what is gone they stay, since another replica may have them from here.
                var marks = experts.Select(expert => new Promotion(episode.Id, episode.Owner, episode.User, expert, time.GetUtcNow())).ToList().FindAll(_folder.Write);
                switch (_folder.RemoveIf(episode.Id, episode.Answer))
                {
                    case true:
                        left.Add(episode.Id);
                        break;
                    case false:
                        marks.ForEach(_folder.Remove);
                        break;
                }
            }

            _folder.KeepMarks(options.MaxMarks);
            _changed = null;
            return left;
        }
    }

    /// <summary>Removes what is too old, and what killed writers have left. Marks stay: whoever has an episode deleted is told which experts know it, however late.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            _folder.PutBack();
            Keep();
            _folder.KeepMarks(options.MaxMarks);
            Sweep();
        }
    }

    private Forgotten Forget(Func<Episode, bool> episodes, Func<Promotion, bool> marks, string? id = null)
    {
        int gone;
        lock (_lock)
        {
            _folder.PutBack();
            _changed = null;
            Refresh();
            gone = _episodes.Where(episodes).Count(episode => _folder.Remove(episode.Id));
            Sweep();
            _changed = null;
        }

        var promoted = _folder.RemoveMarks(marks, id);
        return new Forgotten(gone, promoted.DistinctBy(mark => mark.Id).Count(), [.. promoted.Select(mark => mark.Expert).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    // Files have times of the machine's own clock, whatever clock was passed in.
    private void Sweep() => _folder.Sweep(TimeProvider.System.GetUtcNow().UtcDateTime - _longestWrite);

    private void Keep()
    {
        _changed = null;
        Refresh();
        var (bytes, count, oldest) = (_listed.Sum(each => each.Bytes), _listed.Count, time.GetUtcNow() - options.Retention);
        foreach (var (episode, size) in _listed.Reverse())
        {
            if (episode.Time > oldest && bytes <= options.MaxBytes && count <= options.MaxEpisodes)
            {
                break;
            }

            _folder.Remove(episode.Id);
            (bytes, count) = (bytes - size, count - 1);
        }

        _changed = null;
        Refresh();
    }

    private void Refresh()
    {
        var changed = _folder.Changed();
        if (changed == _changed && changed is not null && (_isSettled || TimeProvider.System.GetElapsedTime(_looked) < _pause))
        {
            return;
        }

        var began = TimeProvider.System.GetTimestamp();
        _listed = [.. _folder.Episodes().OrderByDescending(each => each.Episode.Time).ThenBy(each => each.Episode.Id, StringComparer.Ordinal)];
        _episodes = [.. _listed.Select(each => each.Episode)];

        // A change in the same grain of the file system's clock would not show, so a fresh folder is looked at again.
        _changed = changed;
        _isSettled = changed is { } at && TimeProvider.System.GetUtcNow().UtcDateTime - at > _clockGrain;
        _looked = TimeProvider.System.GetTimestamp();
        var took = TimeProvider.System.GetElapsedTime(began, _looked);
        _pause = took < _quickLook ? TimeSpan.Zero : took * PauseFactor;
    }
}
