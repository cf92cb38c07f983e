using System.Text;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Core.Tests.Data.Reading;

/// <summary>Reads samples out of text or bytes that stand for a file.</summary>
internal static class Reads
{
    public static List<Sample> All(string content, string name, DatasetOptions? options = null) => All(Encoding.UTF8.GetBytes(content), name, options);

    public static List<Sample> All(byte[] content, string name, DatasetOptions? options = null)
    {
        using var stream = new TricklingStream(content);
        return [.. new DatasetReader(options ?? new DatasetOptions()).Read(stream, name)];
    }

    public static DatasetException Fails(string content, string name, DatasetOptions? options = null) => Fails(Encoding.UTF8.GetBytes(content), name, options);

    public static DatasetException Fails(byte[] content, string name, DatasetOptions? options = null) =>
        Assert.Throws<DatasetException>(() => All(content, name, options));

    /// <summary>Gives 1 to 7 bytes at a time, so that every boundary falls somewhere awkward.</summary>
    private sealed class TricklingStream(byte[] content) : MemoryStream(content)
    {
        private int _turn;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1 + (_turn++ % 7)));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1 + (_turn++ % 7))]);
    }
}
