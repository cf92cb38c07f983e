using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>
/// An append-only file of records, each with its length and a checksum. What <see cref="Append"/> was given is on the disk when it returns.
/// A torn record at the end (the process or the machine died while writing) is cut off on opening; damage with whole
/// records after it is an error, because cutting there would lose writes that were acknowledged.
/// </summary>
internal sealed partial class WriteLog : IDisposable
{
    private const int FrameHeader = 8;
    private const int LargestRecord = 64 << 20;
    private static readonly byte[] Magic = "DYLORAS1"u8.ToArray();

    private readonly string _path;
    private SafeFileHandle _file;

    private WriteLog(string path, SafeFileHandle file, long length)
    {
        _path = path;
        _file = file;
        Length = length;
    }

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Opens or makes the log and hands every whole record in it to <paramref name="replay"/>.</summary>
    public static WriteLog Open(string path, Action<LogRecord> replay)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"expected to be the only process that uses {path}, but it cannot be opened for writing: {error.Message}", error);
        }

        try
        {
            long length = RandomAccess.GetLength(file);
            byte[] content = new byte[length];
            ReadFully(file, content);
            long end = length < Magic.Length ? 0 : Replay(path, content, replay);
            WriteLog log = new(path, file, end);
            if (end == 0)
            {
                RandomAccess.SetLength(file, 0);
                RandomAccess.Write(file, Magic, 0);
                log.Length = Magic.Length;
            }
            else if (end < length)
            {
                RandomAccess.SetLength(file, end);
            }

            if (log.Length != length)
            {
                RandomAccess.FlushToDisk(file);
                SyncFolder(path);
            }

            return log;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes records and waits until they are on the disk.</summary>
    public void Append(IReadOnlyCollection<LogRecord> records)
    {
        ReadOnlyMemory<byte> frames = Frames(records);
        RandomAccess.Write(_file, frames.Span, Length);
        RandomAccess.FlushToDisk(_file);
        Length += frames.Length;
    }

    /// <summary>
    /// Puts a log of these records alone in the place of this one. When that fails, as on a full disk, nothing of it is left and this one goes on. Until <see cref="Settle"/>
    /// a crash leaves either the old log or the new one, so nothing may be appended.
    /// </summary>
    public void Replace(IReadOnlyCollection<LogRecord> records)
    {
        string aside = _path + ".new";
        SafeFileHandle file = File.OpenHandle(aside, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            RandomAccess.Write(file, Magic, 0);
            long length = Magic.Length;
            foreach (LogRecord[] part in records.Chunk(1000))
            {
                ReadOnlyMemory<byte> frames = Frames(part);
                RandomAccess.Write(file, frames.Span, length);
                length += frames.Length;
            }

            RandomAccess.FlushToDisk(file);
            File.Move(aside, _path, overwrite: true);
            (SafeFileHandle old, _file, Length) = (_file, file, length);
            old.Dispose();
        }
        catch
        {
            file.Dispose();
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Makes the replacement survive a crash.</summary>
    public void Settle() => SyncFolder(_path);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static long Replay(string path, byte[] content, Action<LogRecord> replay)
    {
        if (!content.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException($"expected {path} to be a log of this program, but it does not begin as one; move it away or name another data folder");
        }

        int at = Magic.Length;
        while (Whole(content, at) is { } next)
        {
            replay(LogRecord.Decode(content.AsSpan(at + FrameHeader, next - at - FrameHeader)));
            at = next;
        }

        if (at < content.Length && FindWhole(content, at + 1) is { } later)
        {
            throw new InvalidDataException($"{path} is damaged: the record at byte {at} fails its checksum, though the one at byte {later} is whole. Restore the file from a copy, or remove the folder to start empty");
        }

        return at;
    }

    /// <summary>The end of the record at <paramref name="at"/> when it is there whole.</summary>
    private static int? Whole(byte[] content, int at)
    {
        if (content.Length - at < FrameHeader)
        {
            return null;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at));
        if (length is < 15 or > LargestRecord || length > content.Length - at - FrameHeader)
        {
            return null;
        }

        uint sum = BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at + 4));
        int end = at + FrameHeader + (int)length;
        return Checksum(content.AsSpan(at + FrameHeader, (int)length)) == sum ? end : null;
    }

    private static int? FindWhole(byte[] content, int from)
    {
        for (int at = from; at < content.Length - FrameHeader; at++)
        {
            if (Whole(content, at) is not null)
            {
                return at;
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Frames(IReadOnlyCollection<LogRecord> records)
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        foreach (LogRecord record in records)
        {
            byte[] body = record.Encode();
            Span<byte> header = buffer.GetSpan(FrameHeader);
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)body.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(body));
            buffer.Advance(FrameHeader);
            buffer.Write(body);
        }

        return buffer.WrittenMemory;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = ~0u;
        while (bytes.Length >= 8)
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return ~sum;
    }

    private static void ReadFully(SafeFileHandle file, byte[] content)
    {
        for (int at = 0; at < content.Length;)
        {
            int read = RandomAccess.Read(file, content.AsSpan(at), at);
            at += read > 0 ? read : throw new EndOfStreamException("the log became shorter while it was read");
        }
    }

    /// <summary>Makes a rename or a new file in this folder survive a power failure. There is no managed call for it.</summary>
    private static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return;
        }

        int folder = OpenFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, 0);
        if (folder < 0)
        {
            throw new IOException($"cannot open the folder of {path} to sync it: error {Marshal.GetLastPInvokeError()}");
        }

        int outcome = Sync(folder);
        _ = Close(folder);
        if (outcome != 0)
        {
            throw new IOException($"cannot sync the folder of {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
