using System;
using System.Collections.Generic;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The named, ordered submodules behind every form of Sequential.</summary>
internal sealed class SubmoduleSequence
{
    private readonly List<(string name, nn.Module module)> _entries = new();

    public int Count => _entries.Count;

    public nn.Module this[int index] => _entries[index].module;

    public void Add(nn.Module module) => Add(_entries.Count.ToString(CultureInfo.InvariantCulture), module);

    public void Add(string name, nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        _entries.Add((name, module));
    }

    public IEnumerable<(string name, Parameter parameter)> Parameters()
    {
        var seen = new HashSet<IntPtr>();
        foreach (var (child, module) in _entries)
        {
            foreach (var (name, parameter) in module.named_parameters(true))
            {
                if (nn.Module.IsAlive(parameter) && seen.Add(parameter.Handle))
                {
                    yield return ($"{child}.{name}", parameter);
                }
            }
        }
    }

    public IEnumerable<(string name, Tensor buffer)> Buffers(bool includeNonPersistent)
    {
        var seen = new HashSet<IntPtr>();
        foreach (var (child, module) in _entries)
        {
            foreach (var (name, buffer) in module.named_buffers(true, includeNonPersistent))
            {
                if (nn.Module.IsAlive(buffer) && seen.Add(buffer.Handle))
                {
                    yield return ($"{child}.{name}", buffer);
                }
            }
        }
    }

    public IEnumerable<(string name, nn.Module module)> Children() => _entries;

    public IEnumerable<(string name, nn.Module module)> Descendants()
    {
        foreach (var entry in _entries)
        {
            yield return entry;
        }
        foreach (var (child, module) in _entries)
        {
            foreach (var (name, descendant) in module.named_modules())
            {
                yield return ($"{child}.{name}", descendant);
            }
        }
    }

    public IEnumerable<(string name, nn.Module module)> Slice(int start, int end)
    {
        if (start < 0 || start > Count || end < 0 || end > Count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"Expected a range within 0..{Count}, the modules of this sequence, found {start}..{end}.");
        }
        for (var i = start; i < end; i++)
        {
            yield return _entries[i];
        }
    }

    public (int start, int end) Resolve((int? start, int? end) index) => (index.start ?? 0, index.end ?? Count);

    public (int start, int end) Resolve(Range range) => (range.Start.GetOffset(Count), range.End.GetOffset(Count));

    public void Apply(Action<nn.Module> action)
    {
        foreach (var (_, module) in _entries)
        {
            module.apply(action);
        }
    }
}
