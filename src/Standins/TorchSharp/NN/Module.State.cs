using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Parameters and persistent buffers by dotted name. The tensors are the module's own, not copies.
            /// A tensor that is reachable by several names appears under each.
            /// </summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= new Dictionary<string, Tensor>();

                foreach (var (name, parameter) in named_parameters())
                {
                    destination.TryAdd(Qualify(prefix, name), parameter);
                }
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(Qualify(prefix, name), buffer);
                }
                foreach (var (name, child) in _internal_submodules)
                {
                    child.state_dict(destination, Qualify(prefix, name));
                }
                return destination;
            }

            /// <summary>
            /// Copies tensors into this module by name. Nothing is copied when a shape does not fit or, if
            /// <paramref name="strict"/>, when a name is missing or unexpected; the error names every such key.
            /// </summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var skipped = new HashSet<string>(skip ?? Array.Empty<string>());
                var target = state_dict();
                var missing = target.Keys.Where(key => !skipped.Contains(key) && !source.ContainsKey(key)).ToList();
                var unexpected = source.Keys.Where(key => !skipped.Contains(key) && !target.ContainsKey(key)).ToList();
                var matched = source.Where(entry => !skipped.Contains(entry.Key) && target.ContainsKey(entry.Key)).ToList();
                var misshapen = matched
                    .Where(entry => !entry.Value.shape.AsSpan().SequenceEqual(target[entry.Key].shape))
                    .Select(entry => $"{entry.Key} (expected {Shape(target[entry.Key])}, found {Shape(entry.Value)})")
                    .ToList();

                if (misshapen.Count > 0 || (strict && (missing.Count > 0 || unexpected.Count > 0)))
                {
                    throw new InvalidOperationException(
                        $"The state dictionary does not fit {GetName()}; nothing was loaded."
                        + Describe("Missing keys", strict ? missing : [])
                        + Describe("Unexpected keys", strict ? unexpected : [])
                        + Describe("Wrong shapes", misshapen)
                        + (strict && misshapen.Count == 0 ? " Load with strict: false, or name the keys in skip, to ignore them." : ""));
                }

                using var _ = no_grad();
                foreach (var (key, value) in matched)
                {
                    target[key].copy_(value);
                }
                return (missing, unexpected);
            }

            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            /// <summary>Writes the number of tensors and then, for each, its name and the tensor.</summary>
            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
            {
                var kept = sd.Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Write7BitEncodedInt64(kept.Count);
                foreach (var (key, tensor) in kept)
                {
                    writer.Write(key);
                    tensor.Save(writer);
                }
            }

            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <summary>Reads what <see cref="save(BinaryWriter, IList{string}?)"/> wrote.</summary>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                var target = state_dict();
                var entries = reader.Read7BitEncodedInt64();
                if (strict && entries != target.Count)
                {
                    throw new ArgumentException($"{GetName()} has {target.Count} parameters and buffers, but the file holds {entries}; load with strict: false to take those that match.");
                }
                for (var i = 0L; i < entries; i++)
                {
                    var key = reader.ReadString();
                    var found = target.TryGetValue(key, out var tensor);
                    if (!found && strict)
                    {
                        throw new ArgumentException($"{GetName()} has no parameter or buffer named '{key}', which the file holds; load with strict: false to ignore it.");
                    }
                    if (found && skip?.Contains(key) != true)
                    {
                        tensor!.Load(reader);
                    }
                    else
                    {
                        TensorExtensionMethods.Load(reader, skip: true).Dispose();
                    }
                    loadedParameters?.Add(key, found);
                }
                return this;
            }

            /// <summary>Creates a module and loads its weights.</summary>
            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);

            private static string Qualify(string? prefix, string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";

            private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";

            private static string Describe(string what, List<string> keys) => keys.Count == 0 ? "" : $" {what}: {string.Join(", ", keys)}.";
        }
    }
}
