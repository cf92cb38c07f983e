using System.Buffers.Binary;
using System.Text;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void A_tensor_of_every_type_survives_the_round_trip(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var written = (arange(24).view(2, 3, 4) % 5).to_type(type);
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = written, ["scalar"] = tensor(3L) });

        using var file = SafetensorsFile.Open(_folder["t"]);
        var read = file.Read("a");

        Assert.Equal(type, read.dtype);
        TensorAssert.Same(written, read);
        Assert.Empty(file.Entries["scalar"].Shape);
        Assert.Equal(3, file.Read("scalar").item<long>());
    }

    [Fact]
    public void Views_are_written_as_they_read_not_as_they_lie_in_memory()
    {
        using var scope = NewDisposeScope();
        var view = arange(12).view(3, 4).t();
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = view });

        using var file = SafetensorsFile.Open(_folder["t"]);

        TensorAssert.Same(view, file.Read("a"));
    }

    [Fact]
    public void Metadata_and_names_survive_and_the_data_begin_at_a_multiple_of_eight()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            _folder["t"],
            new Dictionary<string, Tensor> { ["ünï.\"quoted\""] = ones(3) },
            new Dictionary<string, string> { ["format"] = "pt" });

        using var file = SafetensorsFile.Open(_folder["t"]);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(0, file.Entries["ünï.\"quoted\""].Offset % 8);
    }

    [Fact]
    public void Reading_converts_to_the_type_asked_for()
    {
        using var scope = NewDisposeScope();
        var written = randn(1000);
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = written });

        using var file = SafetensorsFile.Open(_folder["t"]);

        TensorAssert.Same(written.to_type(ScalarType.BFloat16), file.Read("a", ScalarType.BFloat16));
    }

    [Fact]
    public void Empty_tensors_and_empty_files_are_files_too()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(_folder["none"], new Dictionary<string, Tensor>());
        SafetensorsWriter.Write(_folder["empty"], new Dictionary<string, Tensor> { ["a"] = zeros(0, 4) });

        using var none = SafetensorsFile.Open(_folder["none"]);
        using var empty = SafetensorsFile.Open(_folder["empty"]);

        Assert.Empty(none.Entries);
        Assert.Equal([0, 4], empty.Read("a").shape);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = ones(2) });

        Assert.ThrowsAny<Exception>(() => SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = zeros([2], ScalarType.ComplexFloat32) }));

        using var file = SafetensorsFile.Open(_folder["t"]);
        TensorAssert.Same(ones(2), file.Read("a"));
        Assert.Single(Directory.GetFiles(_folder.FullPath));
    }

    public static TheoryData<string, string, int, string> DamagedHeaders => new()
    {
        { "overlap", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlaps" },
        { "hole", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to no tensor" },
        { "trailing bytes", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "belong to no tensor" },
        { "truncated data", """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 8, "truncated" },
        { "wrong length", """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes" },
        { "reversed offsets", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "increasing" },
        { "negative offset", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "increasing" },
        { "negative shape", """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "impossible shape" },
        { "huge shape", """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", 8, "impossible shape" },
        { "huge offsets", """{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""", 8, "truncated" },
        { "unknown dtype", """{"a":{"dtype":"Q4_K","shape":[2],"data_offsets":[0,8]}}""", 8, "Q4_K" },
        { "missing field", """{"a":{"dtype":"F32","shape":[2]}}""", 0, "data_offsets" },
        { "unknown field", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"codec":"zip"}}""", 8, "codec" },
        { "listed twice", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice" },
        { "not an object", "[1,2,3]", 0, "JSON" },
        { "not JSON", "{\"a\":", 0, "JSON" },
        { "two objects", "{}{}", 0, "JSON" },
        { "shape of text", """{"a":{"dtype":"F32","shape":["two"],"data_offsets":[0,8]}}""", 8, "JSON" },
    };

    [Theory]
    [MemberData(nameof(DamagedHeaders))]
    public void A_damaged_header_is_refused_with_its_reason(string what, string header, int dataBytes, string expected)
    {
        WriteRaw((ulong)Encoding.UTF8.GetByteCount(header), header, dataBytes);

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["t"]).Dispose());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["t"], error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Theory]
    [InlineData(10_000_000_000UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0UL)]
    [InlineData(1_000UL)]
    public void A_header_length_that_cannot_be_is_refused_before_anything_is_allocated(ulong claimed)
    {
        WriteRaw(claimed, "{}", 0);

        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["t"]).Dispose());
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = ones(5), ["b"] = ones(2, 2) });
        var whole = File.ReadAllBytes(_folder["t"]);

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder["cut"], whole[..length]);
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["cut"]).Dispose());
        }
    }

    [Fact]
    public void Flipped_bytes_never_do_worse_than_an_error()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(_folder["t"], new Dictionary<string, Tensor> { ["a"] = ones(5), ["b"] = ones(2, 2) });
        var whole = File.ReadAllBytes(_folder["t"]);

        Prop.ForAll(Gen.Choose(0, whole.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (place, value) =>
        {
            var damaged = (byte[])whole.Clone();
            damaged[place] = (byte)value;
            File.WriteAllBytes(_folder["damaged"], damaged);
            try
            {
                using var file = SafetensorsFile.Open(_folder["damaged"]);
                foreach (var name in file.Entries.Keys)
                {
                    file.Read(name).Dispose();
                }
            }
            catch (SafetensorsException)
            {
                // Refused: the other good outcome.
            }
        }).QuickCheckThrowOnFailure();
    }

    private void WriteRaw(ulong headerLength, string header, int dataBytes)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, headerLength);
        File.WriteAllBytes(_folder["t"], [.. prefix, .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);
    }
}
