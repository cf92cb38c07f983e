using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The dimensions' names; "*" where there is none.</summary>
        public unsafe string[] names
        {
            get
            {
                var result = new string[Dimensions];
                var buffer = stackalloc byte[256];
                for (var dim = 0; dim < result.Length; dim++)
                {
                    var length = (int)Native.Quantity(Native.st_dimension_name(this, dim, buffer, 256));
                    result[dim] = length == 0 ? "*" : Encoding.UTF8.GetString(buffer, length);
                }

                return result;
            }
        }

        public bool has_names() => Array.Exists(names, name => name != "*");


        /// <summary>Names the dimensions; null drops all names.</summary>
        public unsafe Tensor rename_(IEnumerable<string>? names)
        {
            var list = names?.ToArray();
            var text = string.Concat((list ?? []).Select(name => (name == "*" ? "" : name) + "\0"));
            fixed (byte* start = Encoding.UTF8.GetBytes(text + "\0"))
            {
                return Done(Native.st_rename_(this, start, list?.Length ?? -1));
            }
        }
    }
}
