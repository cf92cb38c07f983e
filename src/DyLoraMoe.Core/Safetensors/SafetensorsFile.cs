using System.IO.MemoryMappedFiles;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>
/// A safetensors file, memory-mapped. Only the header is read on opening; a tensor's bytes travel once, in windows,
/// from the file to their final dtype and device, so loading needs little more memory than the weights themselves.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    // Mapped pages count as resident memory until they are unmapped, so the window bounds what loading adds.
    private const long WindowBytes = 2L << 20;

    private readonly SafetensorsHeader _header;
    private readonly MemoryMappedFile _map;

    private SafetensorsFile(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        Path = path;
        _header = header;
        _map = map;
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The header's free-form strings; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header completely.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SafetensorsException">The file is truncated, overlapping, or not safetensors.</exception>
    public static SafetensorsFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        try
        {
            var header = SafetensorsHeader.Read(path, stream);
            return new SafetensorsFile(path, header, MemoryMappedFile.CreateFromFile(
                stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dtype">Element type to convert to; the file's own when null.</param>
    /// <param name="device">Where the tensor goes; host memory when null.</param>
    /// <returns>A new tensor that the caller owns.</returns>
    /// <exception cref="SafetensorsException">There is no tensor of that name.</exception>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new SafetensorsException(Path, $"there is no tensor '{name}'");
        }

        using var _ = no_grad();
        var result = empty(entry.Shape, dtype ?? entry.Type, device ?? CPU);
        try
        {
            // A tensor on the meta device has a shape and no data.
            if (result.device_type != DeviceType.META)
            {
                Fill(result, entry);
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the file. Tensors that were read stay valid.</summary>
    public void Dispose() => _map.Dispose();

    private void Fill(Tensor result, SafetensorsEntry entry)
    {
        var elementSize = SafetensorsDType.Size(entry.Type);
        using var flat = result.view(-1);
        var step = WindowBytes / elementSize;
        for (var first = 0L; first < flat.shape[0]; first += step)
        {
            var count = Math.Min(step, flat.shape[0] - first);
            using var target = flat.narrow(0, first, count);
            using var view = _map.CreateViewAccessor(entry.Offset + (first * elementSize), count * elementSize, MemoryMappedFileAccess.Read);
            if (result.dtype == entry.Type && result.device_type == DeviceType.CPU)
            {
                Copy(view, target.bytes);
            }
            else
            {
                using var staging = empty([count], entry.Type);
                Copy(view, staging.bytes);
                target.copy_(staging);
            }
        }
    }

    private static unsafe void Copy(MemoryMappedViewAccessor view, Span<byte> target)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            new ReadOnlySpan<byte>(start + view.PointerOffset, target.Length).CopyTo(target);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
